// What the browser that comes back from a provider is answered, wherever it comes back to.
#pragma once

#include <string>
#include <string_view>

#include "gateway/net/http.hpp"

namespace tributary::app {

net::HttpResponse login_page(int status, std::string text);

// It brings a code or an error: what a provider says at the end of a login (RFC 6749 4.1.2).
bool ends_login(std::string_view query);

inline constexpr std::string_view kBackToTerminal =
    "Back to the terminal: it says how the login ended. This window can be closed.\n";

}  // namespace tributary::app

#include "gateway/app/login_page.hpp"

#include <algorithm>

#include "gateway/base/text.hpp"

namespace tributary::app {

net::HttpResponse login_page(int status, std::string text) {
    return {status,
            {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}, {"Connection", "close"}},
            std::move(text),
            {}};
}

bool ends_login(std::string_view query) {
    return std::ranges::any_of(split(query, '&'), [](std::string_view word) {
        return word.starts_with("code=") || word.starts_with("error=");
    });
}

}  // namespace tributary::app

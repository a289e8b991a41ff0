// Url: the parts of an http(s) URL that the engine decides on (RFC 3986).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/result.hpp"

namespace tributary::connector {

struct Url {
    std::string scheme;  // "https" or "http"
    std::string host;    // lower case, without port; an IPv6 address keeps its brackets
    std::string port;    // "" when not written
    std::string target;  // path and query, "/" at least; never a fragment

    std::string text() const;
    std::string origin() const;  // scheme://host[:port]
};

// Fault::bad_config: not absolute, another scheme, user info (credentials never stand in URLs), a space or control
// byte.
Result<Url> parse_url(std::string_view text);
// `reference` may be absolute, "//host/x", "/path", "path" or "?query" (RFC 3986 section 5, dot segments resolved).
Result<Url> resolve(const Url& base, std::string_view reference);
// Whether `host` is one of the patterns: "api.example.com", or "*.example.com" for every name below it.
bool host_allowed(std::string_view host, const std::vector<std::string>& patterns);

// "a=1&b=2" of encoded pairs.
std::string encode_query(const std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace tributary::connector

// HTTP messages as plain values, for both directions. Header names keep the case they came in; look-ups ignore it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/ascii.hpp"
#include "gateway/run/hold.hpp"

namespace tributary::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The first header of that name; nullptr when absent.
const std::string* find_header(const Headers& headers, std::string_view name);
// Replaces every header of that name by one.
void set_header(Headers& headers, std::string_view name, std::string value);
// Whether it may stand in a header line: no CR, LF, NUL or other control but the tab; names are tokens.
bool valid_header_name(std::string_view name);
bool valid_header_value(std::string_view value);
// RFC 9110 tchar: what method and header names are made of.
constexpr bool is_token_character(char c) {
    return is_letter(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// What we send. The URL is absolute and percent-encoded.
struct HttpRequest {
    std::string method = "GET";
    std::string url;
    Headers headers;
    std::string body;
    // Not sent once it does not stand any more; null: it may always be sent.
    std::shared_ptr<const run::Hold> hold;

    const std::string* header(std::string_view name) const { return find_header(headers, name); }
};

// What was answered, or what our server answers.
struct HttpResponse {
    int status = 200;
    Headers headers;
    std::string body;
    std::string url;  // of the request it answers; unused by the server

    const std::string* header(std::string_view name) const { return find_header(headers, name); }
    bool ok() const { return status >= 200 && status < 300; }
};

// What reached our server.
struct InboundHttp {
    std::string method;
    std::string target;  // path and query as received, percent-encoding untouched
    Headers headers;
    std::string body;  // chunked coding removed, else the raw bytes
    std::string peer;  // the address the connection came from, as text, without port
    bool tls = false;
    unsigned loop = 0;  // which of the server's loops runs the handler: an index for state kept per thread

    const std::string* header(std::string_view name) const { return find_header(headers, name); }
    // The target up to '?'.
    std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
    std::string_view query() const {
        auto mark = target.find('?');
        return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
    }
};

// "Not Found" for 404; "Unknown" for a status without a name.
std::string_view reason_phrase(int status);

}  // namespace tributary::net

// HTTP request heads, strictly: one that two parsers could read differently is refused (RFC 9112, and the smuggling
// cases known since). Pure; our server has no other parser.
//
// Refused: bare LF or CR, obs-fold, a space before the colon, control characters, no or two Host headers, a Host that
// differs from an absolute target, any second, signed or padded Content-Length, Transfer-Encoding other than one plain
// "chunked", both of them together, Transfer-Encoding in HTTP/1.0, methods that are not served.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "gateway/net/http.hpp"

namespace tributary::net {

struct HeadLimits {
    std::size_t headers = 64;
    std::size_t target = 4 << 10;
};

// Why a request is not served: the status to answer with and a reason for the log. The connection closes.
struct Refusal {
    int status = 400;
    std::string_view reason;  // a literal
};

struct RequestHead {
    std::string_view method, target;  // into the bytes parsed
    Headers headers;                  // values without surrounding blanks
    bool http_1_0 = false;
    bool keep_alive = true;
    bool chunked = false;
    bool expects_continue = false;
    std::optional<std::uint64_t> content_length;
};

enum class HeadScan { incomplete, complete, bad };

// Looks for the blank line that ends a head. `scanned` starts at 0 and is kept between calls with more bytes; when
// complete it is the size of the head, blank line included. Bad: a line that ends with a bare LF.
HeadScan scan_head(std::string_view bytes, std::size_t& scanned);

// REQUIRES: `head` is what scan_head() found complete.
std::expected<RequestHead, Refusal> parse_head(std::string_view head, HeadLimits limits = {});

}  // namespace tributary::net

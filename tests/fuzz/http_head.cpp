// The server's request head parser, against Boost.Beast: a head that we take, Beast takes in the same way. We refuse
// more.
#include "gateway/net/http_head.hpp"

#include <boost/beast/http.hpp>
#include <cstdint>
#include <cstdlib>

#include "gateway/base/text.hpp"

namespace http = boost::beast::http;
using namespace tributary;
using namespace tributary::net;

namespace {

void compare_with_beast(std::string_view bytes, const RequestHead& head) {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(1 << 20);
    parser.body_limit(boost::none);
    boost::system::error_code ec;
    auto used = parser.put(boost::asio::buffer(bytes), ec);
    if (ec || !parser.is_header_done() || used != bytes.size()) std::abort();
    const auto& theirs = parser.get();
    if (std::string_view(theirs.method_string().data(), theirs.method_string().size()) != head.method) std::abort();
    std::string_view target(theirs.target().data(), theirs.target().size());
    if (!target.ends_with(head.target)) std::abort();  // the absolute form is cut down to its path
    if (parser.chunked() != head.chunked) std::abort();
    auto length = parser.content_length();
    if (length.has_value() != head.content_length.has_value() || (length && *length != *head.content_length))
        std::abort();
    std::size_t count = 0;
    for (const auto& field : theirs) {
        (void)field;
        ++count;
    }
    if (count != head.headers.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::size_t whole = 0;
    auto scan = scan_head(bytes, whole);
    // In pieces it ends in the same place.
    std::size_t scanned = 0;
    auto piecewise = HeadScan::incomplete;
    for (std::size_t at = 1; at <= bytes.size() && piecewise == HeadScan::incomplete; ++at)
        piecewise = scan_head(bytes.substr(0, at), scanned);
    if (piecewise != scan || (scan == HeadScan::complete && scanned != whole)) std::abort();
    if (scan != HeadScan::complete) return 0;
    auto head = parse_head(bytes.substr(0, whole));
    if (!head) return 0;
    if (head->chunked && head->content_length) std::abort();
    for (const auto& [name, value] : head->headers)
        if (!valid_header_name(name) || !valid_header_value(value)) std::abort();
    compare_with_beast(bytes.substr(0, whole), *head);
    return 0;
}

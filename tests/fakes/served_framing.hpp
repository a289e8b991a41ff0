// The framing of a stream of bytes as the server finds it: its head scanner, head parser and chunk decoder in the order
// of net/server_connection.cpp. Bodies are at most `limit` long.
#pragma once

#include "gateway/net/chunked_body.hpp"
#include "gateway/net/http_head.hpp"
#include "tests/fakes/strict_framing.hpp"

namespace tributary::fakes {

// False: the stream ends here, and `framing` says how.
inline bool read_served(std::string_view& rest, std::size_t limit, Framing& framing) {
    using namespace net;
    const auto ended = [&](Framing::End end) {
        framing.end = end;
        return false;
    };
    std::size_t size = 0;
    const auto scan = scan_head(rest, size);
    if (scan == HeadScan::bad) return ended(Framing::End::refused);
    if (scan == HeadScan::incomplete) return ended(Framing::End::waits);
    const auto head = parse_head(rest.substr(0, size));
    if (!head || head->content_length.value_or(0) > limit) return ended(Framing::End::refused);
    FramedRequest request{std::string(head->method), std::string(head->target), {}};
    rest.remove_prefix(size);
    if (head->chunked) {
        ChunkedBody decoder(limit);
        std::size_t used = 0;
        const auto step = decoder.feed(rest, used, request.body);
        if (step == ChunkedBody::Step::more) return ended(Framing::End::waits);
        if (step != ChunkedBody::Step::done) return ended(Framing::End::refused);
        rest.remove_prefix(used);
    } else if (const auto length = head->content_length.value_or(0); length > 0) {
        if (rest.size() < length) return ended(Framing::End::waits);
        request.body = rest.substr(0, length);
        rest.remove_prefix(length);
    }
    framing.requests.push_back(std::move(request));
    return head->keep_alive || ended(Framing::End::closed);
}

inline Framing served_framing(std::string_view bytes, std::size_t limit = 1 << 20) {
    Framing framing;
    while (!bytes.empty() && read_served(bytes, limit, framing)) {
    }
    return framing;
}

}  // namespace tributary::fakes

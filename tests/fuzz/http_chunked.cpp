// Chunked bodies: in one piece or byte by byte they mean the same, and never more than the limit.
#include "gateway/net/chunked_body.hpp"

#include <cstdint>
#include <cstdlib>

using tributary::net::ChunkedBody;

namespace {

struct Outcome {
    ChunkedBody::Step step = ChunkedBody::Step::more;
    std::string body;
    std::size_t taken = 0;
};

Outcome decode(std::string_view bytes, std::size_t piece) {
    ChunkedBody decoder(4096);
    Outcome out;
    while (out.taken < bytes.size() && out.step == ChunkedBody::Step::more) {
        std::size_t used = 0;
        out.step = decoder.feed(bytes.substr(out.taken, piece), used, out.body);
        out.taken += used;
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    auto whole = decode(bytes, bytes.size()), single = decode(bytes, 1);
    if (whole.step != single.step || whole.body != single.body || whole.taken != single.taken) std::abort();
    if (whole.body.size() > 4096) std::abort();
    return 0;
}

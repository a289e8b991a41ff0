// Streams of requests: the server frames them as a parser does that was written by the letter, or refuses.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "gateway/net/http_head.hpp"
#include "tests/fakes/served_framing.hpp"

using namespace tributary::fakes;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto why = disagreement(served_framing(bytes), StrictFraming::of(bytes))) {
        std::fprintf(stderr, "%s\n", why->c_str());
        std::abort();
    }
    return 0;
}

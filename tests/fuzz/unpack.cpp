// An archive of foreign bytes gives at most what was allowed, the same each time, or an error.
#include <cstdlib>

#include "gateway/value/unpack.hpp"

using namespace tributary;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size < 1) return 0;
    constexpr std::size_t kMost = 1 << 20;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto packing = data[0] % 2 == 0 ? value::Packing::zip : value::Packing::gzip;
    const auto text = value::unpack(input, packing, kMost);
    if (text && text->size() > kMost) std::abort();
    const auto again = value::unpack(input, packing, kMost);
    if (text.has_value() != again.has_value() || (text && *text != *again)) std::abort();
    return 0;
}

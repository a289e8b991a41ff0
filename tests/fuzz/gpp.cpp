// Any text as a GPP string: it is refused, or read the same way twice, with as many sections as it has parts.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/consent/gpp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tributary;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auto out = consent::read_gpp(text);
    if (!out) return 0;
    if (static_cast<std::size_t>(std::ranges::count(text, '~')) != out->sections.size()) std::abort();
    if (!std::ranges::is_sorted(out->sections)) std::abort();
    auto again = consent::read_gpp(text);
    if (!again || *again != *out) std::abort();
    return 0;
}

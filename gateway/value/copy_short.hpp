// copy_short: copies bytes that are usually few, without a call for up to 32 of them.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace tributary::value {

// Reads and writes exactly `size` bytes, the middle ones perhaps twice. REQUIRES: the two do not overlap.
[[gnu::always_inline]] inline void copy_short(char* to, const char* from, std::size_t size) {
    const auto both_ends = [=]<std::size_t kSize>(std::integral_constant<std::size_t, kSize>) {
        char first[kSize], last[kSize];
        std::memcpy(first, from, kSize);
        std::memcpy(last, from + size - kSize, kSize);
        std::memcpy(to, first, kSize);
        std::memcpy(to + size - kSize, last, kSize);
    };
    if (size > 32)
        std::memcpy(to, from, size);
    else if (size >= 16)
        both_ends(std::integral_constant<std::size_t, 16>{});
    else if (size >= 8)
        both_ends(std::integral_constant<std::size_t, 8>{});
    else if (size >= 4)
        both_ends(std::integral_constant<std::size_t, 4>{});
    else
        for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
}

}  // namespace tributary::value

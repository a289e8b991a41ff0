// How long the body of an HTTP message is, as its head says.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace bench {

// `head` is followed by its empty line. 0 when it says nothing.
inline std::size_t body_size(std::string_view head) {
    constexpr std::string_view kName = "\r\ncontent-length:";
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
    const auto found = std::ranges::search(head, kName, same);
    return found.empty() ? 0 : std::strtoull(found.end(), nullptr, 10);
}

}  // namespace bench

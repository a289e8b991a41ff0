#include "gateway/base/uid.hpp"

#include <algorithm>

#include "gateway/base/hex.hpp"

namespace tributary {

Uid Uid::v7(Timestamp now, std::array<std::uint8_t, 10> random) {
    Uid uid;
    auto ms = static_cast<std::uint64_t>(now.time_since_epoch().count());
    for (int i = 5; i >= 0; --i, ms >>= 8) uid.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(ms);
    std::ranges::copy(random, uid.bytes.begin() + 6);
    uid.bytes[6] = static_cast<std::uint8_t>((uid.bytes[6] & 0x0f) | 0x70);
    uid.bytes[8] = static_cast<std::uint8_t>((uid.bytes[8] & 0x3f) | 0x80);
    return uid;
}

Uid Uid::from_bytes(std::span<const std::uint8_t, 16> bytes) {
    Uid uid;
    std::ranges::copy(bytes, uid.bytes.begin());
    return uid;
}

std::optional<Uid> Uid::parse(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-')) return std::nullopt;
        if (!dash) digits.push_back(text[i]);
    }
    auto raw = from_hex(digits);
    if (!raw) return std::nullopt;
    Uid uid;
    std::ranges::copy(*raw, uid.bytes.begin());
    return uid;
}

std::string Uid::text() const {
    std::string digits = to_hex(view());
    for (std::size_t at : {8UL, 13UL, 18UL, 23UL}) digits.insert(at, 1, '-');
    return digits;
}

}  // namespace tributary

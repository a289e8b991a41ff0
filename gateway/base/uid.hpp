// Uid: a UUID version 7 (RFC 9562): 48 bits of milliseconds, then random. Sorts by time of creation.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"

namespace tributary {

struct Uid {
    std::array<std::uint8_t, 16> bytes{};

    // `random` comes from crypto/random; version and variant bits are overwritten.
    static Uid v7(Timestamp now, std::array<std::uint8_t, 10> random);
    // From any 16 bytes, taken as they are (keyed hashes use it).
    static Uid from_bytes(std::span<const std::uint8_t, 16> bytes);
    // The 36-character form; nullopt for anything else.
    static std::optional<Uid> parse(std::string_view text);

    std::string text() const;
    std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
    bool is_nil() const { return *this == Uid{}; }
    friend auto operator<=>(const Uid&, const Uid&) = default;
};

}  // namespace tributary

template <>
struct std::hash<tributary::Uid> {
    std::size_t operator()(const tributary::Uid& uid) const noexcept {
        return std::hash<std::string_view>{}(uid.view());
    }
};

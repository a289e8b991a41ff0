#include "gateway/connector/declarative/tid.hpp"

#include <algorithm>
#include <cstdint>

#include "gateway/crypto/digest.hpp"

namespace tributary::connector {

std::string make_tid(Timestamp at, std::string_view salt) {
    static constexpr std::string_view kSigns = "234567abcdefghijklmnopqrstuvwxyz";
    constexpr std::size_t kLength = 13;
    constexpr std::uint64_t kMostMicros = (std::uint64_t{1} << 53) - 1;
    const auto hash = crypto::digest(crypto::Hash::sha256, salt);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) bits = bits << 8 | static_cast<unsigned char>(hash[i]);
    const auto millis = std::max<std::int64_t>(0, at.time_since_epoch().count());
    const auto micros = std::min(static_cast<std::uint64_t>(millis) * 1000 + (bits >> 10) % 1000, kMostMicros);
    auto rest = micros << 10 | (bits & 1023);
    std::string out(kLength, '2');
    for (auto place = out.rbegin(); place != out.rend(); ++place, rest >>= 5) *place = kSigns[rest & 31];
    return out;
}

}  // namespace tributary::connector

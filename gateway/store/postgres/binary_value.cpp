#include "gateway/store/postgres/binary_value.hpp"

namespace tributary::store {
namespace {

std::int64_t big_endian(std::string_view bytes) {
    std::uint64_t value = !bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0x80) ? ~std::uint64_t{0} : 0;
    for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
}

// Digits to the base 10000: how many, weight of the first, sign, scale, then the digits; sums of integers come so.
std::int64_t whole_numeric(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return i * 2 + 2 <= bytes.size() ? big_endian(bytes.substr(i * 2, 2)) : 0; };
    if (bytes.size() < 8) return 0;
    const auto digits = at(0), weight = at(1);
    const bool negative = at(2) == 0x4000;
    if (weight > 4) return 0;  // more than an integer holds
    std::uint64_t value = 0;
    for (std::int64_t i = 0; i <= weight; ++i)
        value = value * 10'000 + static_cast<std::uint64_t>(i < digits ? at(static_cast<std::size_t>(i) + 4) : 0);
    return static_cast<std::int64_t>(negative ? 0 - value : value);
}

}  // namespace

bool put_integer(std::string& into, std::uint32_t type, std::int64_t value) {
    int size = 0;
    switch (type) {
        case kPgBool:
            size = 1;
            value = value != 0;
            break;
        case kPgInt2:
            size = 2;
            break;
        case kPgInt4:
            size = 4;
            break;
        case kPgInt8:
            size = 8;
            break;
        default:
            return false;
    }
    const auto top = size == 8 || type == kPgBool ? 0 : std::int64_t{1} << (size * 8 - 1);
    if (top != 0 && (value >= top || value < -top)) return false;
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8)
        into += static_cast<char>(static_cast<std::uint64_t>(value) >> shift);
    return true;
}

std::int64_t get_integer(std::uint32_t type, std::string_view bytes) {
    switch (type) {
        case kPgBool:
            return !bytes.empty() && bytes.front() != 0;
        case kPgInt2:
        case kPgInt4:
        case kPgInt8:
            return big_endian(bytes.substr(0, 8));
        case kPgNumeric:
            return whole_numeric(bytes);
        default:
            return 0;
    }
}

}  // namespace tributary::store

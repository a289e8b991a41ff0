// Decimals: exact decimal numbers from text, at most 18 digits before and 6 behind the point. Never a float.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "gateway/record/convert.hpp"

namespace tributary::record {

// value = units / 10^scale.
struct Decimal {
    __int128 units = 0;
    int scale = 0;
};

// Digits with an optional sign, point and exponent ("-12.50", "1e3"); with mark ',' also grouped "1.234,56" and with
// '.' "1,234.56" (groups of three only). On failure an issue code: decimal_invalid, decimal_overflow.
std::expected<Decimal, std::string_view> parse_decimal(std::string_view text, char mark = '.');

// Brings the number to `scale` digits. decimal_precision when that loses non-zero digits and rounding is refused;
// decimal_overflow beyond 18 whole digits.
std::expected<Decimal, std::string_view> rescale(Decimal number, int scale, Rounding rounding);

// The canonical form: no exponent, no trailing zeros, "0" for zero.
std::string decimal_text(Decimal number);
// Exactly that form.
bool is_decimal(std::string_view text);

}  // namespace tributary::record

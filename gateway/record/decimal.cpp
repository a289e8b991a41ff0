#include "gateway/record/decimal.hpp"

#include <algorithm>
#include <array>

#include "gateway/base/ascii.hpp"

namespace tributary::record {

namespace {

constexpr int kMostDigits = 36;  // of significand: fits 128 bits with room for one more
constexpr int kWholeDigits = 18;

// All that 128 bits hold.
constexpr auto kPowers = [] {
    std::array<__int128, 39> powers{};
    __int128 power = 1;
    for (std::size_t i = 0; i < powers.size(); ++i) {
        powers[i] = power;
        if (i + 1 < powers.size()) power *= 10;
    }
    return powers;
}();
__int128 power_of_ten(int exponent) {
    return kPowers[static_cast<std::size_t>(exponent)];
}

bool is_group(char c, char mark) {
    return c == (mark == '.' ? ',' : '.') || c == ' ' || c == '\'';
}

// Most numbers: up to 18 digits with a point among or before them. False: the reader has to look, this says nothing.
bool read_short(std::string_view text, char mark, Decimal& out) {
    constexpr std::size_t kMost = 18;
    const bool minus = text.starts_with('-');
    if (minus) text.remove_prefix(1);
    if (text.empty() || text.size() > kMost || !is_digit(text.front())) return false;
    std::int64_t units = 0, kept = 0;  // kept: without the zeros behind the last other decimal
    int decimals = 0, scale = 0;
    bool point = false;
    for (const char c : text) {
        if (c == mark && !point) {
            point = true;
            kept = units;
            continue;
        }
        if (!is_digit(c)) return false;
        units = units * 10 + (c - '0');
        if (!point) continue;
        ++decimals;
        if (c == '0') continue;
        kept = units;
        scale = decimals;
    }
    if (!point) kept = units;
    out = {minus ? -kept : kept, scale};
    return true;
}

struct Reader {
    std::string_view text;
    char mark;
    std::size_t at = 0;
    Decimal number;
    int digits = 0;  // significant ones
    bool overflow = false;

    bool more() const { return at < text.size(); }
    void feed(char c) {
        if (number.units == 0 && c == '0') return;
        if (++digits > kMostDigits)
            overflow = true;
        else
            number.units = number.units * 10 + (c - '0');
    }

    // Digits, grouped by threes when a separator comes. False: malformed.
    bool whole() {
        std::size_t run = 0, groups = 0;
        char separator = 0;
        for (; more(); ++at) {
            const char c = text[at];
            if (is_digit(c)) {
                feed(c);
                ++run;
            } else if (is_group(c, mark)) {
                if ((separator && c != separator) || run == 0 || run > 3 || (groups > 0 && run != 3)) return false;
                separator = c;
                ++groups;
                run = 0;
            } else {
                break;
            }
        }
        return groups == 0 || run == 3;
    }

    // `written`: how many digits there were, zeros included.
    void fraction(std::size_t& written) {
        std::size_t zeros = 0;  // trailing zeros do not count against the precision
        for (; more() && is_digit(text[at]); ++at, ++written) {
            if (text[at] == '0') {
                ++zeros;
                continue;
            }
            for (; zeros > 0; --zeros) feed('0'), ++number.scale;
            feed(text[at]);
            ++number.scale;
        }
    }

    bool exponent() {
        bool minus = false;
        if (more() && (text[at] == '+' || text[at] == '-')) minus = text[at++] == '-';
        int value = 0;
        const auto from = at;
        for (; more() && is_digit(text[at]); ++at) value = std::min(value * 10 + (text[at] - '0'), 1000);
        if (from == at) return false;
        number.scale += minus ? value : -value;
        return true;
    }
};

}  // namespace

std::expected<Decimal, std::string_view> parse_decimal(std::string_view text, char mark) {
    constexpr std::string_view kInvalid = "decimal_invalid", kOverflow = "decimal_overflow";
    if (Decimal number; read_short(text, mark, number)) return number;
    Reader reader{.text = text, .mark = mark, .number = {}};
    bool minus = false;
    if (reader.more() && (text[0] == '-' || text[0] == '+')) minus = text[reader.at++] == '-';
    const auto from = reader.at;
    if (!reader.whole()) return std::unexpected(kInvalid);
    const bool whole = reader.at != from;
    std::size_t decimals = 0;
    if (reader.more() && text[reader.at] == mark) {
        ++reader.at;
        reader.fraction(decimals);
    }
    if (!whole && decimals == 0) return std::unexpected(kInvalid);
    if (reader.more() && (text[reader.at] == 'e' || text[reader.at] == 'E')) {
        ++reader.at;
        if (!reader.exponent()) return std::unexpected(kInvalid);
    }
    if (reader.more()) return std::unexpected(kInvalid);
    auto& number = reader.number;
    if (number.units == 0) return Decimal{};
    if (reader.overflow || reader.digits - number.scale > kWholeDigits) return std::unexpected(kOverflow);
    if (number.scale < 0) {
        number.units *= power_of_ten(-number.scale);
        number.scale = 0;
    }
    if (minus) number.units = -number.units;
    return number;
}

std::expected<Decimal, std::string_view> rescale(Decimal number, int scale, Rounding rounding) {
    constexpr std::string_view kPrecision = "decimal_precision", kOverflow = "decimal_overflow";
    const __int128 limit = power_of_ten(kWholeDigits + scale);
    if (number.scale <= scale) {
        const int up = scale - number.scale;
        const __int128 magnitude = number.units < 0 ? -number.units : number.units;
        if (magnitude == 0) return Decimal{0, scale};
        if (up > kMostDigits || up > kWholeDigits + scale || magnitude >= power_of_ten(kWholeDigits + number.scale))
            return std::unexpected(kOverflow);
        return Decimal{number.units * power_of_ten(up), scale};
    }
    const int down = number.scale - scale;
    const bool minus = number.units < 0;
    const __int128 magnitude = minus ? -number.units : number.units;
    // Beyond 37 digits nothing but a remainder is left, and it is less than half a unit.
    const __int128 divisor = down > kMostDigits + 1 ? 0 : power_of_ten(down);
    __int128 whole = divisor ? magnitude / divisor : 0;
    const __int128 rest = divisor ? magnitude % divisor : magnitude;
    if (rest != 0) {
        if (rounding == Rounding::refuse) return std::unexpected(kPrecision);
        const __int128 half = divisor / 2;  // even: a power of ten
        const bool above = divisor && rest > half, tie = divisor && rest == half;
        if (rounding != Rounding::down && (above || (tie && (rounding == Rounding::half_up || whole % 2 != 0))))
            ++whole;
    }
    if (whole >= limit) return std::unexpected(kOverflow);
    return Decimal{minus ? -whole : whole, scale};
}

std::string decimal_text(Decimal number) {
    auto magnitude = static_cast<unsigned __int128>(number.units < 0 ? -number.units : number.units);
    while (number.scale > 0 && magnitude % 10 == 0) magnitude /= 10, --number.scale;
    std::string reversed;
    for (int place = 0; magnitude != 0 || place <= number.scale; ++place) {
        if (place == number.scale && place > 0) reversed += '.';
        reversed += static_cast<char>('0' + static_cast<int>(magnitude % 10));
        magnitude /= 10;
    }
    if (number.units < 0) reversed += '-';
    std::ranges::reverse(reversed);
    return reversed;
}

bool is_decimal(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const auto dot = text.find('.');
    const auto whole = text.substr(0, dot);
    if (whole.empty() || whole.size() > kWholeDigits || (whole[0] == '0' && whole.size() > 1)) return false;
    if (!std::ranges::all_of(whole, is_digit)) return false;
    if (dot == std::string_view::npos) return true;
    const auto fraction = text.substr(dot + 1);
    return !fraction.empty() && fraction.size() <= 6 && std::ranges::all_of(fraction, is_digit) &&
           fraction.back() != '0';
}

}  // namespace tributary::record

#include "gateway/record/money.hpp"

#include <limits>

#include "gateway/record/currency.hpp"

namespace tributary::record {

std::expected<Money, std::string_view> to_money(Decimal major, std::string_view currency, Rounding rounding) {
    const auto* known = currency_of(currency);
    if (!known) return std::unexpected(std::string_view("currency_unknown"));
    auto minor = rescale(major, known->exponent, rounding);
    if (!minor)
        return std::unexpected(
            std::string_view(minor.error() == "decimal_precision" ? "money_precision" : "money_overflow"));
    constexpr __int128 kLimit = std::numeric_limits<std::int64_t>::max();
    if (minor->units > kLimit || minor->units < -kLimit) return std::unexpected(std::string_view("money_overflow"));
    return Money{static_cast<std::int64_t>(minor->units), known->code};
}

std::expected<Money, std::string_view> parse_money(std::string_view major, std::string_view currency, Rounding rounding,
                                                   char mark) {
    auto number = parse_decimal(major, mark);
    if (!number)
        return std::unexpected(
            std::string_view(number.error() == "decimal_overflow" ? "money_overflow" : "money_invalid"));
    return to_money(*number, currency, rounding);
}

std::string money_text(std::int64_t minor, std::string_view currency) {
    const auto exponent = static_cast<std::size_t>(currency_exponent(currency).value_or(2));
    const bool minus = minor < 0;
    auto digits = std::to_string(minus ? 0 - static_cast<std::uint64_t>(minor) : static_cast<std::uint64_t>(minor));
    if (digits.size() <= exponent) digits.insert(0, exponent + 1 - digits.size(), '0');
    if (exponent > 0) digits.insert(digits.size() - exponent, 1, '.');
    if (minus) digits.insert(0, 1, '-');
    return digits;
}

std::optional<std::int64_t> add(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
    return sum;
}

std::optional<std::int64_t> subtract(std::int64_t a, std::int64_t b) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(a, b, &difference)) return std::nullopt;
    return difference;
}

}  // namespace tributary::record

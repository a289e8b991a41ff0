// Money: an int64 of minor units and a currency. No float anywhere; what does not fit exactly is an issue.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/record/decimal.hpp"

namespace tributary::record {

struct Money {
    std::int64_t minor = 0;
    std::string_view currency;  // into the table of currencies
    friend bool operator==(const Money&, const Money&) = default;
};

// From major units. Issue codes: currency_unknown, money_precision, money_overflow, money_invalid.
std::expected<Money, std::string_view> to_money(Decimal major, std::string_view currency, Rounding rounding);
std::expected<Money, std::string_view> parse_money(std::string_view major, std::string_view currency,
                                                   Rounding rounding = Rounding::refuse, char mark = '.');

// Major units in plain digits with all decimals of the currency: 1250 EUR is "12.50". For destinations.
std::string money_text(std::int64_t minor, std::string_view currency);

// Exact sums; nullopt on overflow.
std::optional<std::int64_t> add(std::int64_t a, std::int64_t b);
std::optional<std::int64_t> subtract(std::int64_t a, std::int64_t b);

}  // namespace tributary::record

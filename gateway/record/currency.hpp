// ISO 4217 currencies with their exponents. Only codes of the table are currencies: unknown ones are refused.
#pragma once

#include <optional>
#include <string_view>

namespace tributary::record {

struct Currency {
    std::string_view code;  // in upper case, a view into the table
    int exponent = 0;       // how many decimals its minor unit has: JPY 0, EUR 2, KWD 3
};
// Takes either case; nullptr for codes that are not in the table.
const Currency* currency_of(std::string_view code);

// The code in upper case (a view into the table), or nullopt. Takes either case.
std::optional<std::string_view> find_currency(std::string_view code);
// How many decimals its minor unit has: JPY 0, EUR 2, KWD 3. nullopt for codes that are not in the table.
std::optional<int> currency_exponent(std::string_view code);

}  // namespace tributary::record

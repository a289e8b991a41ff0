#include "gateway/record/currency.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace tributary::record {

namespace {

// ISO 4217 by the number of decimals of the minor unit. Codes that were withdrawn in the last years stay: old orders
// carry them. Metals, funds units and test codes have no minor unit and are no currencies here.
constexpr std::string_view kNone = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr std::string_view kTwo =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
    "CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD "
    "HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP "
    "MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR "
    "SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED "
    "VES WST XCD XCG YER ZAR ZMW ZWG ZWL";
constexpr std::string_view kThree = "BHD IQD JOD KWD LYD OMR TND";
constexpr std::string_view kFour = "CLF UYW";

struct Entry {
    std::uint32_t key = 0;
    std::string_view code;
    int exponent = 0;
};

constexpr std::uint32_t key_of(std::string_view code) {
    return static_cast<std::uint32_t>(code[0]) << 16 | static_cast<std::uint32_t>(code[1]) << 8 |
           static_cast<std::uint32_t>(code[2]);
}

constexpr std::size_t count(std::string_view codes) {
    return (codes.size() + 1) / 4;
}

constexpr auto kTable = [] {
    std::array<Entry, count(kNone) + count(kTwo) + count(kThree) + count(kFour)> table{};
    std::size_t next = 0;
    auto add = [&](std::string_view codes, int exponent) {
        for (std::size_t i = 0; i < codes.size(); i += 4)
            table[next++] = {key_of(codes.substr(i, 3)), codes.substr(i, 3), exponent};
    };
    add(kNone, 0);
    add(kTwo, 2);
    add(kThree, 3);
    add(kFour, 4);
    std::ranges::sort(table, {}, &Entry::key);
    return table;
}();

const Entry* find(std::string_view code) {
    if (code.size() != 3) return nullptr;
    std::array<char, 3> upper{};
    for (std::size_t i = 0; i < 3; ++i)
        upper[i] = code[i] >= 'a' && code[i] <= 'z' ? static_cast<char>(code[i] - 32) : code[i];
    const auto key = key_of({upper.data(), 3});
    const auto found = std::ranges::lower_bound(kTable, key, {}, &Entry::key);
    return found != kTable.end() && found->key == key ? &*found : nullptr;
}

}  // namespace

std::optional<std::string_view> find_currency(std::string_view code) {
    const Entry* entry = find(code);
    if (!entry) return std::nullopt;
    return entry->code;
}

std::optional<int> currency_exponent(std::string_view code) {
    const Entry* entry = find(code);
    if (!entry) return std::nullopt;
    return entry->exponent;
}

}  // namespace tributary::record

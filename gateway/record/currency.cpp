#include "gateway/record/currency.hpp"

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

constexpr std::size_t kLetters = 26;

// The place of three letters of either case, or that of no currency.
constexpr std::size_t place_of(std::string_view code) {
    std::size_t place = 0;
    for (const char c : code) {
        const auto letter = static_cast<unsigned>((c | 0x20) - 'a');
        if (letter >= kLetters) return kLetters * kLetters * kLetters;
        place = place * kLetters + letter;
    }
    return place;
}

constexpr std::size_t count(std::string_view codes) {
    return (codes.size() + 1) / 4;
}

constexpr auto kTable = [] {
    std::array<Currency, count(kNone) + count(kTwo) + count(kThree) + count(kFour)> table{};
    std::size_t next = 0;
    auto add = [&](std::string_view codes, int exponent) {
        for (std::size_t i = 0; i < codes.size(); i += 4) table[next++] = {codes.substr(i, 3), exponent};
    };
    add(kNone, 0);
    add(kTwo, 2);
    add(kThree, 3);
    add(kFour, 4);
    return table;
}();

// By place: the position in the table plus one, 0 for no currency.
constexpr auto kPositions = [] {
    std::array<std::uint8_t, kLetters * kLetters * kLetters + 1> positions{};
    for (std::size_t i = 0; i < kTable.size(); ++i)
        positions[place_of(kTable[i].code)] = static_cast<std::uint8_t>(i + 1);
    return positions;
}();
static_assert(kTable.size() < 256);

}  // namespace

const Currency* currency_of(std::string_view code) {
    if (code.size() != 3) return nullptr;
    const auto position = kPositions[place_of(code)];
    return position == 0 ? nullptr : &kTable[position - 1U];
}

std::optional<std::string_view> find_currency(std::string_view code) {
    const auto* found = currency_of(code);
    if (!found) return std::nullopt;
    return found->code;
}

std::optional<int> currency_exponent(std::string_view code) {
    const auto* found = currency_of(code);
    if (!found) return std::nullopt;
    return found->exponent;
}

}  // namespace tributary::record

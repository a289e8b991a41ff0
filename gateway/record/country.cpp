#include "gateway/record/country.hpp"

#include <unicode/locid.h>
#include <unicode/uloc.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "gateway/record/text.hpp"

namespace tributary::record {

namespace {

// ISO 3166-1 alpha-2, and XK.
constexpr std::string_view kCountries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY "
    "BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK "
    "FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR "
    "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK "
    "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
    "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

// The offset of every pair of letters in kCountries plus one; 0 for pairs that are no country.
constexpr auto kOffsets = [] {
    std::array<std::uint16_t, 26 * 26> offsets{};
    for (std::size_t i = 0; i < kCountries.size(); i += 3)
        offsets[static_cast<std::size_t>((kCountries[i] - 'A') * 26 + (kCountries[i + 1] - 'A'))] =
            static_cast<std::uint16_t>(i + 1);
    return offsets;
}();

struct Alias {
    std::string_view name, code;
};
// Names that ICU does not give, or gives in another form.
constexpr Alias kAliases[] = {{"uk", "GB"},
                              {"england", "GB"},
                              {"scotland", "GB"},
                              {"wales", "GB"},
                              {"northern ireland", "GB"},
                              {"great britain", "GB"},
                              {"united states of america", "US"},
                              {"u.s.a.", "US"},
                              {"u.s.", "US"},
                              {"russian federation", "RU"},
                              {"korea, republic of", "KR"},
                              {"republic of korea", "KR"},
                              {"korea (south)", "KR"},
                              {"korea, democratic people's republic of", "KP"},
                              {"iran, islamic republic of", "IR"},
                              {"viet nam", "VN"},
                              {"syrian arab republic", "SY"},
                              {"lao people's democratic republic", "LA"},
                              {"moldova, republic of", "MD"},
                              {"tanzania, united republic of", "TZ"},
                              {"venezuela, bolivarian republic of", "VE"},
                              {"bolivia, plurinational state of", "BO"},
                              {"brunei darussalam", "BN"},
                              {"czech republic", "CZ"},
                              {"turkey", "TR"},
                              {"macedonia", "MK"},
                              {"swaziland", "SZ"},
                              {"burma", "MM"},
                              {"the netherlands", "NL"},
                              {"holland", "NL"},
                              {"taiwan, province of china", "TW"},
                              {"hong kong", "HK"},
                              {"macau", "MO"},
                              {"macao", "MO"},
                              {"palestine, state of", "PS"},
                              {"cape verde", "CV"},
                              {"ivory coast", "CI"},
                              {"vatican", "VA"},
                              {"holy see", "VA"},
                              {"people's republic of china", "CN"},
                              {"uae", "AE"},
                              {"republic of ireland", "IE"}};

using Names = std::map<std::string, std::string_view, std::less<>>;

Names read_names() {
    Names names;
    for (const char* const* code = icu::Locale::getISOCountries(); *code; ++code) {
        const auto known = find_country(*code);
        if (!known) continue;
        const icu::Locale country("", *code);
        icu::UnicodeString shown;
        std::string name;
        country.getDisplayCountry(icu::Locale::getEnglish(), shown).toUTF8String(name);
        names.emplace(fold_key(name), *known);
        names.emplace(fold_key(country.getISO3Country()), *known);
    }
    for (const auto& alias : kAliases) names.insert_or_assign(std::string(alias.name), *find_country(alias.code));
    return names;
}

}  // namespace

std::optional<std::string_view> find_country(std::string_view alpha2) {
    if (alpha2.size() != 2) return std::nullopt;
    const auto first = (alpha2[0] | 0x20) - 'a', second = (alpha2[1] | 0x20) - 'a';
    if (first < 0 || first > 25 || second < 0 || second > 25) return std::nullopt;
    const auto offset = kOffsets[static_cast<std::size_t>(first * 26 + second)];
    if (offset == 0) return std::nullopt;
    return kCountries.substr(offset - 1u, 2);
}

std::optional<std::string_view> find_country_named(std::string_view text) {
    if (text.size() == 2)
        if (auto code = find_country(text)) return code;
    static const Names names = read_names();
    const auto found = names.find(fold_key(text));
    if (found == names.end()) return std::nullopt;
    return found->second;
}

}  // namespace tributary::record

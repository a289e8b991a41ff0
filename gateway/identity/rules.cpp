#include "gateway/identity/rules.hpp"

#include <algorithm>
#include <array>

namespace tributary::identity {

namespace {

constexpr double kAlike = 0.88;

// Ids of which a person or company has one for good; passports and register numbers change.
constexpr std::array<std::string_view, 6> kLasting = {"cn_resident_id", "uscc", "lei", "vat", "tax_id", "duns"};

// "scheme|country|" of a gov_id key; empty when a second id of that kind proves nothing.
std::string_view lasting_kind(const MatchKey& key) {
    if (key.type != "gov_id") return {};
    const std::string_view value = key.value;
    const auto scheme_end = value.find('|');
    if (std::ranges::find(kLasting, value.substr(0, scheme_end)) == kLasting.end()) return {};
    return value.substr(0, value.find('|', scheme_end + 1) + 1);
}

bool share_kind_but_no_id(const Facts& a, const Facts& b) {
    for (const auto& mine : a.keys) {
        const auto kind = lasting_kind(mine);
        if (kind.empty()) continue;
        bool other = false, same = false;
        for (const auto& theirs : b.keys) {
            if (lasting_kind(theirs) != kind) continue;
            other = true;
            // The same kind may come twice in one record, an old and a new one: one common id is enough.
            same |= std::ranges::find(a.keys, theirs) != a.keys.end();
        }
        if (other && !same) return true;
    }
    return false;
}

bool birth_dates_differ(const Facts& a, const Facts& b) {
    if (!a.birth_date || !b.birth_date) return false;
    const auto &x = *a.birth_date, &y = *b.birth_date;
    return (x.year && y.year && x.year != y.year) || (x.month && y.month && x.month != y.month) ||
           (x.day && y.day && x.day != y.day);
}

}  // namespace

std::string_view name_of(Rule rule) {
    constexpr std::array<std::string_view, 7> kNames = {"manual", "D1", "D2", "D5", "D6", "D3", "D4"};
    return kNames[static_cast<std::size_t>(rule)];
}

Facts facts_of(value::Node record, std::vector<MatchKey> keys, const NameFolder& folder) {
    Facts facts{std::move(keys), fold_name(record.find("name"), folder), std::nullopt};
    facts.birth_date = record::parse_partial_date(record.find("birth_date").text());
    return facts;
}

bool name_fits(const Facts& a, const Facts& b) {
    if (!a.name.family.empty() && a.name.family == b.name.family) return true;
    if (a.birth_date && a.birth_date->whole() && a.birth_date == b.birth_date) return true;
    return likeness(a.name, b.name) >= kAlike;
}

Rule rule_of(std::string_view key_type) {
    if (key_type == "system") return Rule::remote_id;
    if (key_type == "gov_id") return Rule::gov_id;
    if (key_type == "provider") return Rule::provider_id;
    if (key_type == "customer_number") return Rule::customer_number;
    return key_type == "email" ? Rule::email_name : Rule::mobile_name;
}

bool contradict(const Facts& a, const Facts& b) {
    return birth_dates_differ(a, b) || share_kind_but_no_id(a, b);
}

}  // namespace tributary::identity

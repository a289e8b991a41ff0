// The deterministic rules D1-D6: when two records are one customer, and what speaks against it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/identity/match_keys.hpp"
#include "gateway/identity/names.hpp"
#include "gateway/record/date.hpp"

namespace tributary::identity {

// Strongest first: edges are taken in this order.
enum class Rule : std::uint8_t {
    manual,           // must_link
    remote_id,        // D1 same connection and external id
    gov_id,           // D2 same government or company id
    provider_id,      // D5 same stable id at a social provider
    customer_number,  // D6 same customer number, shared by contract
    email_name,       // D3 same verified e-mail, and the name fits
    mobile_name,      // D4 same verified mobile, and the name fits
};
std::string_view name_of(Rule rule);  // "manual", "D1" .. "D6"

// What the rules look at, taken once from each record.
struct Facts {
    std::vector<MatchKey> keys;
    FoldedName name;
    std::optional<record::PartialDate> birth_date;
};
Facts facts_of(value::Node record, std::vector<MatchKey> keys, const NameFolder& folder);

// D3 and D4: family equal, or Jaro-Winkler of the whole names at least 0.88, or the whole date of birth equal.
bool name_fits(const Facts& a, const Facts& b);

// The rule that belongs to a key type.
Rule rule_of(std::string_view key_type);
inline bool needs_name(Rule rule) {
    return rule >= Rule::email_name;
}

// Two different gov_id keys of one scheme and country, or dates of birth that cannot be of one person.
bool contradict(const Facts& a, const Facts& b);

}  // namespace tributary::identity

// Match keys: the values of a record by which other records of the same customer are found.
// Plain and personal: the caller blinds them with a keyed hash before they touch anything durable.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/identity/candidate.hpp"
#include "gateway/identity/value_guards.hpp"

namespace tributary::identity {

enum class KeyType : std::uint8_t { remote_id, gov_id, social, customer_number, email, mobile };
std::string_view name_of(KeyType type);

struct MatchKey {
    KeyType type{};
    std::string value;
    friend auto operator<=>(const MatchKey&, const MatchKey&) = default;
};

// Sorted, without doubles, each of which may link on its own (remote_id, gov_id, social, customer_number) or together
// with a name (email, mobile). What makes a key:
//   remote_id        connection and external id
//   gov_id           gov_ids[] and identifiers[]: scheme, country, value; a check digit that is right, or verified_at
//   social           social[].union_id, and external_user_id, within the network
//   customer_number  within the candidate's number space
//   email            the norm of a verified address, dots and +tags of Gmail folded; no role or disposable mailbox
//   mobile           a verified E.164 number that is not known to be a landline, fax or work number
// Verified: the item has verified_at, or the candidate's contact points are trusted (a phone must then say mobile).
std::vector<MatchKey> match_keys(const Candidate& candidate, const ValueGuards& guards);

// The key form of a normalised address: "a.b+c@googlemail.com" is "ab@gmail.com".
std::string fold_email(std::string_view norm);

}  // namespace tributary::identity

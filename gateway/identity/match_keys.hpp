// Match keys: the values of a contact or organisation by which it may be recognised in another source. Pure; the caller
// blinds them: they are plain and personal.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/identity/value_guards.hpp"
#include "gateway/value/document.hpp"

namespace tributary::identity {

struct MatchKey {
    std::string type;   // "system", "email", "phone", "gov_id", "provider", "customer_number"
    std::string value;  // normalised
    friend auto operator<=>(const MatchKey&, const MatchKey&) = default;
};

struct KeyOptions {
    bool trusted_contact_points = false;  // unverified e-mails and phones of this source count as verified
    // Connections that name the same space share customer numbers by contract; empty: its numbers are no keys.
    std::string_view customer_number_space = {};
    const ValueGuards* guards = nullptr;  // nullptr: the built-in ones
};

// All keys of one record, sorted, without repeats. Always holds ("system", "<connection>/<external id>") (rule D1).
//   gov_id           gov_ids[] and identifiers[]: scheme, country and value, when its check digit is right
//   (cn_resident_id,
//                    uscc, lei, vat of BE DE FR IT LU NL PL) or it has verified_at
//   provider         social[].union_id and social[].external_user_id within their network
//   customer_number  within the source's number space
//   email            the norm of a verified address, dots and +tags of Gmail folded; role mailboxes and disposable
//                    domains give none
//   phone            the E.164 of a verified mobile; a number of unknown type counts when it has verified_at, a work
//                    number, landline or fax never does
std::vector<MatchKey> match_keys(value::Node record, std::string_view connection, std::string_view external_id,
                                 const KeyOptions& options = {});

// The key form of a normalised address: "a.b+c@googlemail.com" is "ab@gmail.com".
std::string fold_email(std::string_view norm);

}  // namespace tributary::identity

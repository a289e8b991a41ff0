// Match keys: the values of a contact by which it may be recognised in another source. Pure; the caller blinds them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/value/document.hpp"

namespace tributary::identity {

struct MatchKey {
    std::string type;  // "system", "email", "phone", "gov_id", "uscc", "vat", "provider:wechat", "customer_number", ...
    std::string value;  // normalised, e.g. gmail dots and plus tags folded
    friend auto operator<=>(const MatchKey&, const MatchKey&) = default;
};

struct KeyOptions {
    bool trusted_contact_points = false;  // unverified e-mails and phones of this source count as verified
};

// All keys of one contact record, sorted, without repeats; role mailboxes, disposable domains and invalid numbers give
// none. Always holds ("system", "<connection>/<external id>") (rule D1).
std::vector<MatchKey> match_keys(value::Node contact, std::string_view connection, std::string_view external_id,
                                 const KeyOptions& options = {});

}  // namespace tributary::identity

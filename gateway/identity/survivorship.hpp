// Survivorship: whose value stands in the golden view, field by field, as config/survivorship.yaml says.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/spec/type.hpp"

namespace tributary::identity {

// How records compete for a field. Several are asked in order; the smallest record uid decides what is left.
enum class Strategy : std::uint8_t {
    most_recent,      // the record that changed last
    oldest,           // the record that changed first
    most_complete,    // more members; for texts, the longer one
    verified,         // a value with verified_at before one without
    source_priority,  // the order of `sources`; connections not named come last, equal among themselves
    most_frequent,    // the value that most records hold
    earliest,         // the smallest value, for dates and times
    latest,           // the greatest value
    precedence,       // the value that stands first in the field's `precedence`; others come last
    // How a field is put together, alone or before the others in a list:
    all,       // a list of all records' items, the same item once; the others order it. The default for lists
    members,   // an object member by member, each by the others
    any_true,  // an object of booleans: true where any record says true
};

struct FieldRule {
    std::vector<Strategy> strategies;
    std::vector<std::string> precedence;
    std::vector<std::string> same;  // all: members by which two items are the same; empty: the whole item
};

struct Survivorship {
    Survivorship();  // no sources, the built-in rules for the fields of contact and organisation

    std::vector<std::string> sources;  // connections, most trusted first
    std::vector<Strategy> fallback = {Strategy::verified, Strategy::source_priority, Strategy::most_recent,
                                      Strategy::most_complete};
    // By top-level field name. What is not here goes by the fallback; lists are `all`.
    std::map<std::string, FieldRule, std::less<>> fields;
};

// In YAML: { sources: [erp, webshop], fallback: [verified, most_recent], fields: { language: most_recent,
// emails: { by: [all, verified], same: [norm] } } }; what is not written stays as it is built in.
const spec::Type<Survivorship>& describe(spec::Tag<Survivorship>);
// The same for a part of a file. Problems name what is wrong with file:line:col.
Survivorship parse_survivorship(const spec::Yaml& yaml, spec::Problems& problems);

}  // namespace tributary::identity

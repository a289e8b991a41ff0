// Survivorship: which record's value stands in the golden view, field by field, as config/survivorship.yaml says.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/identity/value_guards.hpp"
#include "gateway/record/model.hpp"
#include "gateway/spec/problem.hpp"

namespace tributary::identity {

// How two records compete for a field. Several are asked in order; the smallest record id decides what is left.
enum class Strategy : std::uint8_t {
    verified,       // a value with verified_at (or from trusted contact points) before one without
    priority,       // the entity's order of connections
    most_recent,    // the record that changed last
    oldest,         // the record that changed first
    most_complete,  // more members; for texts, the longer one
    most_frequent,  // the value that most records hold
    earliest,       // the smallest value: first_seen_at
    latest,         // the greatest value: last_activity_at
    precedence,     // enum: the first of the field's `precedence` that any record holds
};
std::optional<Strategy> strategy_named(std::string_view name);

// How a field is put together.
enum class Composition : std::uint8_t {
    whole,    // one record's value, as it is: a name is never half of one and half of another
    members,  // an object, each member on its own
    all,      // a list: every record's items, the same item once
    any,      // an object of booleans: true where any record says true
};

struct FieldRule {
    Composition composition = Composition::whole;
    std::vector<Strategy> strategies;
    std::vector<std::string> precedence;
    std::vector<std::string> same;  // all: the members by which items are the same; empty: the whole item
};

struct EntityRules {
    std::vector<std::string> connections;  // priority, first wins; those not named come after, equal among themselves
    std::vector<Strategy> otherwise;
    std::map<std::string, FieldRule, std::less<>> fields;

    // The rule of a top-level field; lists without one are `all`, everything else `whole` by `otherwise`.
    FieldRule rule(const record::Field& field) const;
};

struct Survivorship {
    std::map<std::string, EntityRules, std::less<>> entities;
    ValueGuards guards;

    const EntityRules& rules(std::string_view entity) const;  // those of no entity when it has none
};

// nullopt exactly when problems were added. Unknown entities, fields, strategies and precedences are problems.
std::optional<Survivorship> load_survivorship(const std::string& file, const record::Model& model,
                                              spec::Problems& problems);

}  // namespace tributary::identity

// Mapped: what one source record became. Either every record in it may be passed on, or none of them may.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/value/document.hpp"

namespace tributary::mapping {

enum class Level : std::uint8_t {
    quarantine,  // the source record must not be passed on
    dropped,     // this field was left out, as its mapping asked (`on_error: drop`); a data-quality issue of the record
};
std::string_view name_of(Level level);

// One thing that is wrong with one record. Never holds a value of the record, so it may be logged and stored.
struct Issue {
    Level level = Level::quarantine;
    std::string code;     // stable, snake_case: "required", "not_in_lookup", "money_digits", "lua_budget"
    std::string target;   // "lines[2].unit_price"; empty when the whole record is meant
    std::string source;   // "$.line_items[2].price"; empty when no single source field is meant
    std::string message;  // lower case, says what would be right

    // "lines[2].unit_price (from $.line_items[2].price): ...", the form printed to people.
    std::string text() const;
};

struct MappedRecord {
    std::string entity;  // canonical entity, or "external" for an out mapping
    // Only for linked records: the stream of the same connection whose external ids `key` belongs to (`stream:` of the
    // link, else the entity's name), and the key itself. Both are empty for the main record, whose key the connector told,
    // and the stream alone is set to "consent_event" for consent events, which have no key of their own.
    std::string stream;
    std::string key;
    value::Document document;
    bool deleted = false;  // `deleted:` held: a tombstone; the document holds what could still be mapped
};

struct Mapped {
    // The main record first, then linked records and consent events in the order of the mapping. References between them
    // are {"link": {"entity": e, "stream": s, "key": k}} in the field `<link>_ref`; the flow replaces each by the uid of
    // the record that it finds or makes under (connection, stream, key).
    std::vector<MappedRecord> records;
    std::vector<Issue> issues;  // all of them, in the order of the mapping
    bool skipped = false;       // `skip:` held: deliberately not taken, to be counted; `records` is empty

    // No issue of level quarantine. When false, `records` holds what could be mapped, for display only.
    bool accepted() const;
};

}  // namespace tributary::mapping

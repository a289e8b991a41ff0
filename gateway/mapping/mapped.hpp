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
    dropped,     // this field was left out, as its mapping asked (`on_error: drop`)
    flagged,     // the value was taken, but is doubtful: a phone number that could not be read
};
std::string_view name_of(Level level);

// One thing that is wrong with one record. Never holds a value of the record, so it may be logged and stored. Issues of
// level dropped and flagged are data-quality issues: the flow keeps them with the record (`dq`).
struct Issue {
    Level level = Level::quarantine;
    std::string code;  // stable, snake_case: "required", "not_in_lookup", "money_invalid", "lua_budget"
    std::string
        target;  // as the mapping nests it: "lines[2].unit_price", "contact.name.given"; empty: the whole record
    std::string source;   // "line_items[2].price"; empty when no single source field is meant
    std::string message;  // lower case, says what would be right

    // "lines[2].unit_price (from line_items[2].price): ...", the form printed to people.
    std::string text() const;
};

struct MappedRecord {
    std::string entity;  // canonical entity, or "external" for an out mapping
    // Only for linked records: their external id in the same connection. The flow keeps them as records of the stream
    // that makes this entity. Empty for the main record, whose external id the connector told, and for consent events.
    std::string key;
    value::Document document;
    bool deleted = false;  // `deleted:` held: a tombstone; the document holds what could still be mapped
};

struct Mapped {
    // The main record first, then linked records and consent events in the order of the mapping; a linked record of the
    // same entity and key comes once. References between them are canonical references ({entity, external_id}) in the
    // field `<link>_ref`; the flow finds the uid of the record.
    std::vector<MappedRecord> records;
    std::vector<Issue> issues;  // all of them, in the order of the mapping
    bool skipped = false;       // `skip:` held: deliberately not taken, to be counted; `records` is empty

    // No issue of level quarantine. When false, `records` holds what could be mapped, for display only.
    bool accepted() const;
};

}  // namespace tributary::mapping

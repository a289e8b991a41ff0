// Message: one line of the Singer protocol, as taps write and targets read them. Pure.
//
// Source: the Singer specification 0.3.0 (SCHEMA, RECORD, STATE, ACTIVATE_VERSION) and what the Meltano SDK adds
// (BATCH, `_sdc_deleted_at`). Types are upper case; members that we do not know are not looked at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector::singer {

struct Message {
    enum class Kind {
        schema,
        record,
        state,             // `json` is its value: what --state takes
        activate_version,  // rows of older versions are gone; which ones those are it does not say
        batch,             // the records lie in a file that it names
        other,             // of a type that we do not know: passed over
    };
    Kind kind = Kind::other;
    std::string stream;
    std::string json;               // a record, a state's value, a schema
    std::vector<std::string> keys;  // of a schema: key_properties
    std::string key;                // of a record, by the keys given to parse
    bool deleted = false;           // of a record: `_sdc_deleted_at` is set
};

// bad_input: it is no JSON object, has no type, or misses what its type needs. For a record `keys` says which fields
// make its key, joined by '|'; a record without one of them is bad_input.
Result<Message> parse_message(std::string_view line, const std::vector<std::string>& keys, value::JsonParser& parser);

// The lines that a target reads, each with its line end.
std::string schema_line(std::string_view stream, value::Node properties, const std::vector<std::string>& keys);
std::string record_line(std::string_view stream, value::Node record, std::string_view extracted_at, bool deleted);
std::string state_line(value::Node state);

}  // namespace tributary::connector::singer

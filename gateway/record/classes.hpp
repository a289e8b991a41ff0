// Splits a record by data class for storage, joins it again, and hashes it.
// Fields that the model does not know count as personal, so a mistake seals too much, never too little.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/record/model.hpp"
#include "gateway/value/document.hpp"

namespace tributary::record {

struct Parts {
    std::string clear;     // JSON object: classes P0 and P1
    std::string personal;  // JSON object: classes P2 and P3; empty when there is none, so that nothing need be sealed
};

// Reuses the capacity of `parts`. An object or array with both classes stands on both sides, arrays element by element.
void split(const Entity& entity, value::Node record, Parts& parts);
Parts split(const Entity& entity, value::Node record);

// The inverse of split, up to the order of keys. Empty texts stand for empty objects.
Result<value::Document> join(std::string_view clear_json, std::string_view personal_json);
value::Document join(value::Node clear, value::Node personal);

// SHA-256 over a canonical form: independent of the order of keys and of members that are null.
crypto::Digest<32> canonical_hash(value::Node node);

}  // namespace tributary::record

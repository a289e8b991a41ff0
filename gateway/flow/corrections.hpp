// Corrections: what people had put right here (GDPR 16, PIPL 46). A corrected field is laid over what the source says,
// whenever the source's record comes in, until the source says the same by itself; then the correction ends. The
// destinations hear of it as of any other change, the source too where a delivery leads there.
//
// A correction is kept as a record of the connection `corrections` beside the record that it is about, sealed with the
// same person's key: access packs show it, an erasure takes it along.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/flow/prepare.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/value/document.hpp"

namespace tributary::flow {

constexpr std::string_view kCorrections = "corrections";

struct CorrectedRecords {
    std::vector<PreparedRecord> records;  // the contact records in their corrected form, and the corrections themselves
    std::uint64_t corrected = 0;          // of the former
};

// `fields`: an object of canonical paths of a contact, such as {"name.family": "Berg", "emails[0]": "a@b.example"};
// null takes a value out. Each record of the customers that has such a field is corrected, and where none has, the
// first. bad_input names the field that does not exist or whose value does not fit, without the value. Blocks.
Result<CorrectedRecords> correct(World& world, std::span<const Uid> customers, value::Node fields);

// Lays the corrections over the contact records that come in. Returns how many ended, because their source carries
// them now. REQUIRES: done once for a batch; what was laid over would look as if the source carried it.
Result<std::uint64_t> lay_corrections(World& world, Prepared& prepared);

// Ends the corrections of stored contacts that lost everything personal (flow/stored_basis.hpp). Idempotent. Blocks.
Result<void> end_corrections(World& world, Prepared& prepared);

// Whether there is any at all. Blocks.
Result<bool> has_corrections(World& world);

}  // namespace tributary::flow

// Corrections: what people had put right here (GDPR 16, PIPL 46). A corrected field is laid over what the source says,
// whenever the source's record comes in, until the source says the same by itself; then the correction ends. A
// correction that names elements of a list never ends by itself: whenever such an element comes again it is put right
// again, and while there is none nothing happens. The destinations hear of it as of any other change, the source too
// where a delivery leads there.
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

// `fields`: an object of canonical paths of a contact and what is right; null takes out. A field: {"name.family":
// "Berg"}; each record of the customers that has it is corrected, and where none has, the first. An element of a list
// by what it is: {"emails[address=old@b.example]": "new@b.example", "addresses[city=Ulm].postal_code": "89073"}; of
// every record, also of those that come to have it. One more element: {"phones[]": "+4930123456"}. In the order in
// which they stand. bad_input names the field that does not exist, the element that no record has, or what does not
// fit, without any value. Blocks.
Result<CorrectedRecords> correct(World& world, std::span<const Uid> customers, value::Node fields);

// Lays the corrections over the contact records that come in. Returns how many ended, because their source carries
// them now. REQUIRES: done once for a batch; what was laid over would look as if the source carried it.
Result<std::uint64_t> lay_corrections(World& world, Prepared& prepared);

// Ends the corrections of stored contacts that lost everything personal (flow/stored_basis.hpp). Idempotent. Blocks.
Result<void> end_corrections(World& world, Prepared& prepared);

// Whether there is any at all. Blocks.
Result<bool> has_corrections(World& world);

}  // namespace tributary::flow

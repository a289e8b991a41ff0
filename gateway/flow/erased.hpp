// Erased: keeps out what comes in about a person who was erased: a source that still knows them, a page read again, a
// webhook that was on its way. What is refused is counted, and nothing of it is kept.
//
// A record is about an erased person when its subject stands in the ledger (the same id at the same source, or what
// belongs to it), or one of its match keys does (verified address or mobile, id number, customer number). It is taken
// in again when the same batch shows an act of theirs after the erasure: a consent they gave, an order they placed, a
// message they wrote, or an account that was opened since. An operator can readmit them too.
#pragma once

#include <cstdint>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/flow/prepare.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/erasures.hpp"
#include "gateway/store/suppressions.hpp"

namespace tributary::flow {

struct Refusals {
    std::int64_t ledger = 0;    // its newest row when it was asked: the commit makes sure that it still is
    std::uint64_t refused = 0;  // records, consent events and dead letters left out
    std::vector<store::Suppression> suppressions;  // what those consent events forbid counts all the same
    std::vector<store::Erasure> readmitted;        // rows for the ledger, to be written with the batch
};

// Takes out of the batch what must not come back. Costs one look at the ledger while nobody was ever erased.
Result<Refusals> refuse_erased(World& world, Prepared& prepared);

// The match keys that went into the ledger together with this subject: whoever lets the subject in again lets in these.
// Reads the whole ledger.
Result<std::vector<store::Digest>> keys_erased_with(store::ReadSession& session, const Uid& subject);

}  // namespace tributary::flow

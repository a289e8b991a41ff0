// ProcessPlan: everything that the one transaction of a batch will write, worked out before it begins.
#pragma once

#include <optional>
#include <vector>

#include "gateway/flow/batch.hpp"
#include "gateway/flow/ingest_gate.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/flow/prepare.hpp"
#include "gateway/flow/routing.hpp"
#include "gateway/flow/service_desk.hpp"
#include "gateway/flow/withdrawal.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/erasures.hpp"

namespace tributary::flow {

// What is looked at again although no source sent it.
struct Again {
    std::vector<Uid> touched = {};                  // records whose manual pairs changed
    std::vector<Uid> reconsider = {};               // customers whose withheld rows are decided again
    std::vector<store::DeadLetter> redeliver = {};  // letters of destinations: sent once more in their newest form
};

struct ProcessPlan {
    const Batch& batch;
    Prepared& prepared;
    Again again;
    std::vector<store::RecordHeader> remembered = {};  // unchanged, but made anew: next time they need not be
    std::int64_t ledger = 0;                           // of erasures, as the batch was judged by it
    bool erased_meanwhile = false;                     // it has grown since: the batch is judged again
    std::vector<store::Erasure> readmitted = {};
    NotKept not_kept = {};
    std::vector<store::Suppression> forbidden = {};  // by consent events of people who were erased
    PeopleChange people = {};
    ServiceWork service = {};  // cases that the messages of the batch open or change
    Routed routed = {};
    std::vector<Withdrawal> withdrawals = {};        // what destinations must be told of the batch's consents
    std::vector<Uid> taken_back = {};                // customers whose withheld rows are replaced by `routed`
    std::vector<store::NewDeadLetter> letters = {};  // sealed
    std::optional<vault::SubjectKeyBatch> keys = std::nullopt;
    BatchResult result = {};
};

// Writes all of it, or nothing. Fault::conflict: somebody else wrote meanwhile, or the batch's fence is stale.
Result<void> write_plan(World& world, ProcessPlan& plan);

}  // namespace tributary::flow

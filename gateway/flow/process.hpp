// Process: takes a batch of source records through the one path: map, identity, consent, commit. Everything between
// reading and the commit is pure or inside the one transaction, so any crash replays cleanly.
//
// Threads: process() blocks; call it on a pool thread. Batches may be prepared side by side; from the identity step to
// the commit they go one at a time, in the order in which they arrive at it.
#pragma once

#include <mutex>
#include <optional>
#include <span>

#include "gateway/flow/batch.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/flow/prepare.hpp"
#include "gateway/flow/routing.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

struct ProcessPlan;
struct Again;

class Process {
  public:
    explicit Process(World& world) : world_(world), preparer_(world) {}

    // On success everything in the batch is durable. On error nothing of it is: transient (disk full, overload),
    // conflict (a stale fence), internal (poisoned store).
    Result<BatchResult> process(Batch batch);
    // The two halves, for callers that map one batch while another commits.
    Prepared prepare(const Batch& batch);
    Result<BatchResult> commit(Batch batch, Prepared prepared);

    // After manual pairs of these records changed: recomputes their customers and what follows from it.
    Result<BatchResult> relink_records(std::vector<Uid> records);
    // Consent acts that came outside a mapping (command line, API): stored, and what they free is sent on.
    Result<BatchResult> record_consents(std::vector<PreparedConsent> consents);
    // Consent changed, or a purpose did: whatever is withheld from this customer is decided again.
    Result<BatchResult> release_withheld(const Uid& customer);
    // Contact records in their corrected form, and the corrections (flow/corrections.hpp).
    Result<BatchResult> correct(std::span<const Uid> customers, value::Node fields);
    // Stored records are judged again (flow/stored_basis.hpp): `changed` says how many lost something. Those under
    // legal hold and those of streams that declare no purpose are left alone.
    Result<BatchResult> judge_stored(std::span<const Uid> records);
    // Letters of destinations: each is sent once more in its newest form, through the consent gate.
    Result<BatchResult> redeliver(std::vector<store::DeadLetter> letters);

  private:
    Result<BatchResult> commit_locked(const Batch& batch, Prepared& prepared, Again again);
    Result<BatchResult> judge_locked(std::span<const Uid> records);
    void judge_withdrawn(const ProcessPlan& plan);
    Result<void> map_changed_meanwhile(const Batch& batch, Prepared& prepared);
    Result<void> drop_unchanged(ProcessPlan& plan);
    Result<void> follow_up(ProcessPlan& plan);
    Result<void> seal(ProcessPlan& plan);

    World& world_;
    Preparer preparer_;
    std::optional<bool> corrections_;  // whether there are any; not known before the first batch
    std::mutex mutex_;                 // one batch at a time between reading and writing identity
};

}  // namespace tributary::flow

// BackupKeeper: backups and drills of a running gateway, by schedule and on demand, one at a time; what is too old
// goes.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>

#include "gateway/flow/backup_job.hpp"
#include "gateway/flow/restore_drill.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/run/schedule.hpp"

namespace tributary::flow {

struct BackupRules {
    std::optional<run::Schedule> backups, drills;  // unset: on demand
    Milliseconds keep{}, keep_keys{};
};

// How backups stand, for metrics.
struct BackupState {
    std::optional<Timestamp> newest, drilled;
    bool failed = false;  // the newest try of a backup, or the folder cannot be read
    bool drill_failed = false;
    Milliseconds rpo{0}, rto{0};  // of the newest drill
    std::uint64_t bytes = 0, files = 0;
};

class BackupKeeper {
  public:
    // World, ledger and key outlive it.
    BackupKeeper(World& world, LedgerKeeper& ledger, const audit::NoteKey& audit_key, BackupPlaces places,
                 BackupRules rules)
        : world_(world), ledger_(ledger), audit_key_(audit_key), places_(std::move(places)), rules_(rules) {}

    // These block. A run that ends well removes what is overdue.
    Result<BackupDone> back_up(bool keys_only);
    Result<DrillOutcome> drill();
    BackupState state();

    // Until `stop`: the schedules.
    run::Task<> run(std::stop_token stop);

  private:
    Result<void> retire();

    World& world_;
    LedgerKeeper& ledger_;
    const audit::NoteKey& audit_key_;
    BackupPlaces places_;
    BackupRules rules_;
    std::mutex mutex_;
    std::atomic<bool> failed_ = false;
};

}  // namespace tributary::flow

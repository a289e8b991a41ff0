// LedgerKeeper: keeps a ledger outside the store (ledger_file.hpp) and the store in step. What the store has more
// goes into the ledger; what the ledger has more goes into the store, which was restored from a backup then, or stopped
// between the two writes. Of who was erased since, rows and keys go again.
//
// A line is in the ledger at most kPeriod after its commit, if nothing fails. Gateways on one store keep a ledger each.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "gateway/base/log.hpp"
#include "gateway/flow/ledger_file.hpp"
#include "gateway/store/store.hpp"

namespace tributary::flow {

class LedgerKeeper {
  public:
    static constexpr Milliseconds kPeriod = std::chrono::seconds(1);

    // `path` may be empty: there is no ledger, and nothing is done. `name`: of its position in the store, unlike that
    // of any other ledger of the store. Store, ring, clock and log outlive it.
    LedgerKeeper(store::Store& store, const vault::KeyRing& ring, const Clock& clock, Log& log,
                 std::filesystem::path path, std::string name = "")
        : store_(store), ring_(ring), clock_(clock), log_(log), path_(std::move(path)), name_(std::move(name)) {}

    struct Replayed {
        std::uint64_t withdrawals = 0, suppressions = 0, erasures = 0, rows_removed = 0;
    };
    // Before anything else here uses the store, so that nobody is written to who is withdrawn in the ledger. A ledger
    // that is gone or shorter than the store knows is written anew, and logged as an error. refused: it was changed.
    // conflict: another gateway delivers to who was erased; ask again.
    Result<Replayed> open();
    // Appends what is new. A store that went back in time meanwhile is brought up to the ledger, as open() does.
    // Blocks; safe from several threads.
    Result<void> keep();

    bool kept() const { return !path_.empty(); }
    const std::string& name() const { return name_; }
    std::uint64_t lines() const { return lines_; }
    // Whether the last keep() failed.
    bool failing() const { return failing_; }

  private:
    Result<store::LedgerPosition> stored();
    Result<void> put(const store::LedgerPosition& position);
    Result<std::vector<LedgerEntry>> news(store::LedgerPosition& position);
    Result<void> append(std::span<const LedgerEntry> entries, store::LedgerPosition& position, std::size_t torn);
    Result<void> append_news(store::LedgerPosition& position, const std::set<std::string>& written, std::size_t torn);
    Result<Replayed> replay(std::span<const LedgerLine> lines);
    Result<Replayed> reconcile();
    Result<void> keep_locked();

    store::Store& store_;
    const vault::KeyRing& ring_;
    const Clock& clock_;
    Log& log_;
    std::filesystem::path path_;
    std::string name_;
    std::optional<store::LedgerPosition> known_;  // as it was left in the store; guarded by mutex_
    std::mutex mutex_;
    std::atomic<std::uint64_t> lines_ = 0;
    std::atomic<bool> failing_ = false;
};

}  // namespace tributary::flow

// LedgerKeeper: keeps the ledger outside the store (ledger_file.hpp) and the store in step. What the store has more
// goes into the ledger; what the ledger has more goes into the store, which was restored from a backup then, or stopped
// between the two writes.
//
// A line is in the ledger at most kPeriod after its commit, if nothing fails.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>

#include "gateway/base/log.hpp"
#include "gateway/flow/ledger_file.hpp"
#include "gateway/store/store.hpp"

namespace tributary::flow {

class LedgerKeeper {
  public:
    static constexpr Milliseconds kPeriod = std::chrono::seconds(1);

    // `path` may be empty: there is no ledger, and nothing is done. Store, ring and log outlive it.
    LedgerKeeper(store::Store& store, const vault::KeyRing& ring, Log& log, std::filesystem::path path)
        : store_(store), ring_(ring), log_(log), path_(std::move(path)) {}

    struct Replayed {
        std::uint64_t withdrawals = 0, suppressions = 0, erasures = 0;
    };
    // REQUIRES: nothing else uses the store yet, so that nobody is written to who is withdrawn in the ledger. A ledger
    // that is gone or shorter than the store knows is written anew, and logged as an error. refused: it was changed.
    Result<Replayed> open();
    // Appends what is new. Blocks; safe from several threads.
    Result<void> keep();

    bool kept() const { return !path_.empty(); }
    std::uint64_t lines() const { return lines_; }
    // Whether the last keep() failed.
    bool failing() const { return failing_; }

  private:
    Result<std::vector<LedgerEntry>> news(store::LedgerPosition& position);
    Result<void> append(std::span<const LedgerEntry> entries, store::LedgerPosition& position, std::size_t torn);
    Result<Replayed> replay(std::span<const LedgerLine> lines, store::LedgerPosition position);
    Result<void> keep_locked();

    store::Store& store_;
    const vault::KeyRing& ring_;
    Log& log_;
    std::filesystem::path path_;
    std::mutex mutex_;
    std::atomic<std::uint64_t> lines_ = 0;
    std::atomic<bool> failing_ = false;
};

}  // namespace tributary::flow

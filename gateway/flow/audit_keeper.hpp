// AuditKeeper: signs checkpoints of the audit trail and appends them to a file that should lie where nobody who can
// write the store can write: a mount of another machine, a store that keeps what was written once.
//
// A checkpoint is made when there are kEvery entries more, or one more and kPeriod has passed. Without a copy elsewhere
// a trail that was cut off or written anew, checkpoints included, does not show.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>

#include "gateway/audit/signed_note.hpp"
#include "gateway/audit/tree.hpp"
#include "gateway/base/log.hpp"
#include "gateway/store/store.hpp"

namespace tributary::flow {

// Calls f for each entry after number `after`, in order, until it says false. Reads a batch at a time. Blocks.
Result<void> each_entry(store::Store& store, std::int64_t after, const std::function<bool(const audit::Entry&)>& f);
// The same with every checkpoint that the store keeps.
Result<void> each_checkpoint(store::Store& store, const std::function<void(const store::AuditCheckpoint&)>& f);

class AuditKeeper {
  public:
    static constexpr std::uint64_t kEvery = 1000;
    static constexpr Milliseconds kPeriod = std::chrono::minutes(1);

    // `anchor` may be empty: none. The store outlives it.
    AuditKeeper(store::Store& store, const Clock& clock, Log& log, audit::NoteSigner signer,
                std::filesystem::path anchor)
        : store_(store), clock_(clock), log_(log), signer_(std::move(signer)), anchor_(std::move(anchor)) {}

    // Makes one when it is time, or `now` in any case that there is an entry more; the newest one then. Blocks. Safe
    // from several threads. An anchor that cannot be written is logged, and written as soon as it can.
    Result<std::optional<store::AuditCheckpoint>> keep(bool now = false);

    // Puts a checkpoint that somebody else signed too beside those that the anchor has. Blocks.
    Result<void> append(std::string_view note);

    // A statement of ours, as a signed note. REQUIRES: as NoteSigner::sign().
    std::string sign(std::string_view text) const { return signer_.sign(text); }
    const audit::NoteKey& key() const { return signer_.key(); }

  private:
    Result<void> make(std::optional<store::AuditCheckpoint>& newest, std::uint64_t size);
    Result<void> anchor(const store::AuditCheckpoint& newest);

    store::Store& store_;
    const Clock& clock_;
    Log& log_;
    audit::NoteSigner signer_;
    std::filesystem::path anchor_;
    std::mutex mutex_;
    std::optional<std::uint64_t> anchored_;  // size of the newest one there; unset: not looked yet
};

}  // namespace tributary::flow

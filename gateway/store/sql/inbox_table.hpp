// Inbox. The body's row is written once and removed once. From its first claim on an entry has a row in
// inbox_work; ids only grow while the store is open, so entries above the newest claimed id are the fresh ones.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gateway/store/inbox.hpp"
#include "gateway/store/sql/counters_table.hpp"
#include "gateway/store/sql/retired_keys.hpp"
#include "gateway/store/sql/shared_inbox.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class InboxReads : public virtual InboxView {
  public:
    explicit InboxReads(Connection& connection);
    Result<InboxDepth> depth() override;
    Result<std::vector<SealedBody>> sealed_with(Uid key, std::int64_t after, std::size_t limit) override;
    Result<std::uint64_t> count_sealed_with(Uid key) override;

  protected:
    Connection& connection_;

  private:
    Statement depth_, sealed_with_, count_sealed_;
};

class InboxTable final : public Inbox, public InboxReads {
  public:
    InboxTable(Connection& connection, CountersTable& counters);
    Result<std::vector<Accepted>> put(std::span<const InboxEntry> entries) override;
    Result<std::vector<ClaimedEntry>> claim(std::size_t limit, Timestamp now, Milliseconds lease) override;
    Result<void> finish(std::span<const std::int64_t> ids) override;
    Result<void> retry(std::int64_t id, Timestamp at, const std::string& error) override;
    Result<bool> reseal(const SealedBody& read, std::string_view body) override;
    Result<Swept> sweep(Timestamp before, std::size_t limit) override;

    // put() in two steps, so that a batch counts once: note_counts() ends the row of accept(). What one entry alone is
    // refused for is its own outcome; an error is one of all, and nothing of them may be committed.
    Result<void> accept(std::span<const Acceptance> entries);
    Result<void> note_counts();

    // At the start: nobody holds a claim any more.
    Result<void> reclaim();
    void rolled_back();

  private:
    struct Tally {
        std::string connection;
        std::uint64_t accepted = 0, duplicate = 0;
    };
    Tally& tally(const std::string& connection);
    Result<void> load_ids();
    Result<Accepted> put_one(const InboxEntry& entry);
    Result<void> claim_again(std::vector<ClaimedEntry>& into, std::size_t limit, Timestamp now, Timestamp until);
    Result<void> claim_fresh(std::vector<ClaimedEntry>& into, std::size_t limit, Timestamp until);

    CountersTable& counters_;
    Statement see_, insert_, newest_, newest_claimed_, due_, again_, load_, fresh_, begin_work_;
    Statement finish_, finish_work_, retry_, reclaim_, scan_, forget_, reseal_;
    SharedInbox shared_;
    RetiredKeys retired_;
    std::vector<Tally> tallies_;
    bool ids_known_ = false;
    std::int64_t next_id_ = 1;
    std::int64_t newest_claimed_id_ = 0;
    // Where sweep() goes on.
    std::int64_t swept_connection_ = 0;
    std::string swept_key_;
};

}  // namespace tributary::store

// SharedInbox: what is different about the inbox where several processes put entries and take them. Ids come from the
// engine and not in the order of commits; claims have an owner; and one process at a time has entries in hand, so that
// what one customer's webhooks say is taken in in the order in which they came.
#pragma once

#include <span>

#include "gateway/store/inbox.hpp"
#include "gateway/store/sql/retired_keys.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

// One of several entries that are put at once. Both are the caller's.
struct Acceptance {
    const InboxEntry* entry = nullptr;
    Result<Accepted>* outcome = nullptr;
};

class SharedInbox {
  public:
    explicit SharedInbox(Connection& connection);
    // `see` remembers a key that is new. An error is one of all.
    Result<void> put(std::span<const Acceptance> entries, Statement& see, RetiredKeys& retired);
    // Whether another process has entries in hand.
    Result<bool> others_work(Timestamp now);
    // Those that nobody took yet, in order of their ids.
    template <class F>
    Result<void> fresh(F&& use, std::size_t limit) {
        return fresh_.each(use, limit);
    }
    Result<void> begin_work(std::span<const ClaimedEntry> claimed, Timestamp until);
    Result<void> claim_again(std::span<const ClaimedEntry> claimed, Timestamp until);
    // Changes nothing when another process took it over.
    Result<std::int64_t> retry(std::int64_t id, Timestamp at, const std::string& error);
    // Of two that have it in hand, since a claim ran out, the first to finish counts; conflict for the other. So work
    // that takes longer than its claim gets done.
    Result<void> finish(std::span<const std::int64_t> ids);

  private:
    Connection& connection_;
    Statement insert_, others_, fresh_, begin_work_, again_, retry_, finish_;
};

}  // namespace tributary::store

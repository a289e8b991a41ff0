// SharedInbox: what is different about the inbox where several processes put entries and take them. Ids come from the
// engine and not in the order of commits; claims have an owner; and one process at a time has entries in hand, so that
// what one customer's webhooks say is taken in in the order in which they came.
#pragma once

#include "gateway/store/inbox.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class SharedInbox {
  public:
    explicit SharedInbox(Connection& connection);
    Result<std::int64_t> insert(std::int64_t connection, const InboxEntry& entry);
    // Whether another process has entries in hand.
    Result<bool> others_work(Timestamp now);
    // Those that nobody took yet, in order of their ids.
    template <class F>
    Result<void> fresh(F&& use, std::size_t limit) {
        return fresh_.each(use, limit);
    }
    Result<std::int64_t> begin_work(std::int64_t id, Timestamp until);
    Result<std::int64_t> claim_again(std::int64_t id, Timestamp until);
    // Changes nothing when another process took it over.
    Result<std::int64_t> retry(std::int64_t id, Timestamp at, const std::string& error);
    // Of two that have it in hand, since a claim ran out, the first to finish counts; conflict for the other. So work
    // that takes longer than its claim gets done.
    Result<std::int64_t> finish(std::int64_t id);

  private:
    Connection& connection_;
    Statement insert_, others_, fresh_, begin_work_, again_, retry_, finish_;
};

}  // namespace tributary::store

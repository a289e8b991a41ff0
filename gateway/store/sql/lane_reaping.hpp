// LaneReaping: takes back leases that nobody will settle. A lane whose holder vanishes again and again holds an item
// that kills its holder: that item goes to the dead letters and the lane is blocked. Without room for dead letters the
// item stays in the blocked lane.
#pragma once

#include "gateway/store/outbox.hpp"
#include "gateway/store/sql/dead_letters_table.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class LaneReaping {
  public:
    LaneReaping(Connection& connection, DeadLettersTable& dead_letters);
    // Leases that ran out. The third in a row is poison.
    Result<std::vector<ReapedLane>> reap(Timestamp now);
    // All leases, at the start of the process. Any lane that happened to be claimed when the process was killed is
    // suspected, so many more kills in a row are needed, while the growing delay lets the others pass.
    Result<std::vector<ReapedLane>> reclaim(Timestamp now);

  private:
    struct Leased;
    struct Rule;
    Result<std::vector<ReapedLane>> take_back(Timestamp expired_before, Timestamp now, const Rule& rule);
    Result<ReapedLane> take_back(const Leased& lane, Timestamp now, const Rule& rule);
    Result<void> bury_head(const ReapedLane& lane, Timestamp now, const char* cause);

    Connection& connection_;
    DeadLettersTable& dead_letters_;
    Statement leased_, free_, block_, bury_, shrink_;
};

}  // namespace tributary::store

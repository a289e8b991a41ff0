// LaneSettling: writes down how the deliveries of a claimed lane ended. A token that is not the lane's current one
// changes nothing.
#pragma once

#include "gateway/store/outbox.hpp"
#include "gateway/store/sql/attempts_table.hpp"
#include "gateway/store/sql/counters_table.hpp"
#include "gateway/store/sql/dead_letters_table.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class LaneSettling {
  public:
    LaneSettling(Connection& connection, CountersTable& counters, AttemptsTable& attempts,
                 DeadLettersTable& dead_letters);
    Result<std::vector<Settled>> settle(std::span<const LaneResult> results);

  private:
    struct Lane;
    Result<Settled> settle_lane(const LaneResult& result);
    Result<void> settle_item(Lane& lane, const LaneResult& result, const ItemResult& item);
    Result<bool> bury(const Lane& lane, const LaneResult& result, const ItemResult& item, NewAttempt& attempt);
    Result<void> count(const Lane& lane);

    Connection& connection_;
    CountersTable& counters_;
    AttemptsTable& attempts_;
    DeadLettersTable& dead_letters_;
    Statement fenced_, end_, peek_, bury_, settle_;
};

}  // namespace tributary::store

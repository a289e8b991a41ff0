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
    struct Item;
    Result<std::vector<Lane>> fenced(std::span<const LaneResult> results);
    static std::vector<Item> items_of(std::span<const LaneResult> results, std::span<Lane> lanes);
    static Result<void> end(std::span<Item> items, std::optional<ItemEnd> how, Statement& statement);
    Result<bool> bury(const Lane& lane, const ItemResult& item, NewAttempt& attempt);
    static void tally(Lane& lane, const ItemResult& item);
    Result<void> write(std::span<const Lane> lanes);
    Result<void> count(std::span<const Lane> lanes);

    Connection& connection_;
    CountersTable& counters_;
    AttemptsTable& attempts_;
    DeadLettersTable& dead_letters_;
    Statement fenced_, end_, peek_, bury_, settle_;
};

}  // namespace tributary::store

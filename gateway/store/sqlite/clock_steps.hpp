// ClockSteps: keeps waiting times as they are while the wall clock is set. What is to be done later stands in the
// tables as a time of that clock. When it was set, all of these times move along in the next write, before anything in
// it looks at them: a lease lasts as long as it was given for, nothing is due early, and nothing waits for a day long
// ago. So do the times of webhooks that wait, since they tell which change of a record is the newer one.
//
// For the one process that has the file, on its writer's thread. What happens while it does not run is not noticed.
#pragma once

#include <array>
#include <optional>

#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class ClockSteps {
  public:
    // Both outlive this.
    ClockSteps(Connection& connection, const Clock& clock, Log& log);

    // REQUIRES: a write transaction that has just begun; its end is told by one of the two below.
    Result<void> move_along();
    void committed();
    void rolled_back() { moved_.reset(); }

  private:
    struct Reading {
        Timestamp wall;
        SteadyTime steady;
    };
    Reading look() const;

    const Clock& clock_;
    Log& log_;
    Reading known_;                 // the times in the tables are of this clock, carried on by the steady one
    std::optional<Reading> moved_;  // what this transaction moved them to
    std::array<Statement, 7> waits_;
    Statement failing_, webhooks_;
};

}  // namespace tributary::store

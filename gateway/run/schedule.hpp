// Schedule: a cron expression in a time zone, with fixed rules for the two odd nights of the year.
//
// A named time of day that the clock skips runs once, right after the gap; one that the clock shows twice runs once,
// the first time. A schedule for every hour (hour field *) follows elapsed time instead: it runs in both
// passes of a repeated hour, and what a gap swallows is not made up for. Zones come from the system's tzdata. Pure;
// thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/run/cron.hpp"

namespace date {
class time_zone;
}

namespace tributary::run {

class Schedule {
  public:
    // `zone` is an IANA name such as Europe/Berlin, or UTC. Fault::bad_config for an unknown zone or a bad expression.
    static Result<Schedule> parse(std::string_view cron, std::string_view zone = "UTC");

    // The first run strictly after `after`.
    Timestamp next(Timestamp after) const;

  private:
    Schedule(Cron cron, const date::time_zone* zone) : cron_(cron), zone_(zone) {}
    Timestamp next_by_local_time(Timestamp after) const;
    Timestamp next_by_elapsed_time(Timestamp after) const;
    Cron cron_;
    const date::time_zone* zone_;  // owned by the zone database, for the life of the process
};

// The local reading of a moment as "2026-03-29 03:00:00 CEST", for people. bad_config for an unknown zone.
Result<std::string> local_text(Timestamp at, std::string_view zone);

}  // namespace tributary::run

// DueTime: when a schedule is due next, by a wall clock that may be set back: what began at a time that is still to
// come does not hold up its next run until then. Pure; not thread-safe.
#pragma once

#include <algorithm>

#include "gateway/run/schedule.hpp"

namespace tributary::run {

class DueTime {
  public:
    // `schedule` outlives this.
    explicit DueTime(const Schedule& schedule) : schedule_(schedule) {}

    // `last` is when it began last. REQUIRES: asked again whenever the clock may have been set.
    Timestamp next(Timestamp last, Timestamp now) {
        if (last != last_) counted_from_ = last_ = last;
        // The first look after the clock was set back, and no later one: else the time to come would move on with them.
        counted_from_ = std::min(counted_from_, now);
        return schedule_.next(counted_from_);
    }

  private:
    const Schedule& schedule_;
    Timestamp last_ = Timestamp::min(), counted_from_ = Timestamp::min();
};

}  // namespace tributary::run

// Hold: until when leased work is ours for certain. What cannot be called back once it has left, a request, a mail, a
// transaction, is asked for here as late as can be: the process may have stood still since the lease was looked at, and
// by now the work is another's.
//
// What is left: a process that stops between the last question and the system call behind it. Nothing on this side of
// the destination can hold that back.
//
// Threads: any.
#pragma once

#include <atomic>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::run {

class Hold {
  public:
    // `clock` outlives it.
    Hold(const Clock& clock, SteadyTime until) : clock_(clock), until_(until) {}
    bool stands() const { return clock_.steady() < until_.load(); }
    void extend(SteadyTime until) { until_ = until; }
    void end() { until_ = SteadyTime::min(); }

    // Fault::transient when it does not stand any more. Null: nothing is leased.
    static Result<void> check(const Hold* hold) {
        if (!hold || hold->stands()) return {};
        return fail(Fault::transient, "the lease of this work ran out before it was sent");
    }

  private:
    const Clock& clock_;
    std::atomic<SteadyTime> until_;
};

}  // namespace tributary::run

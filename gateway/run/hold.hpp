// Hold: until when something may be sent. What cannot be called back once it has left, a request, a mail, a
// transaction, is asked for here as late as can be: it may have waited, or the process may have stood still, since
// lease and consent were looked at, and by now the work is another's or the person has said no.
//
// What is left: a process that stops between the last question and the system call behind it. Nothing on this side of
// the destination can hold that back.
//
// Threads: any.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::run {

class Hold {
  public:
    // `what` of the refusal.
    static constexpr std::string_view kTooLate = "it waited too long to be sent as it was last looked at";

    // `clock` outlives it. It stands no longer than the one that it is `within`; null: that one always stands.
    Hold(const Clock& clock, SteadyTime until, std::shared_ptr<const Hold> within = nullptr)
        : clock_(clock), until_(until), within_(std::move(within)) {}
    bool stands() const { return clock_.steady() < until_.load() && (!within_ || within_->stands()); }
    void extend(SteadyTime until) { until_ = until; }
    void end() { until_ = SteadyTime::min(); }

    // too_late() when it does not stand any more. Null: nothing is asked.
    static Result<void> check(const Hold* hold) {
        if (!hold || hold->stands()) return {};
        return fail(too_late());
    }
    // Fault::transient with kTooLate.
    static Error too_late() { return {Fault::transient, std::string(kTooLate)}; }
    static bool is_too_late(const Error& error) { return error.what == kTooLate; }

  private:
    const Clock& clock_;
    std::atomic<SteadyTime> until_;
    std::shared_ptr<const Hold> within_;
};

}  // namespace tributary::run

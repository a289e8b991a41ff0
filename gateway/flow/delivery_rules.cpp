#include "gateway/flow/delivery_rules.hpp"

#include <algorithm>

namespace tributary::flow {
namespace {

using namespace std::chrono_literals;
using VerdictAction = Verdict::Action;

constexpr int kConflictTries = 5;  // a lock or a version moves on quickly, or never
constexpr int kInternalTries = 3;
constexpr Milliseconds kConflictDelay = 1s;
constexpr Milliseconds kRateLimitDelay = 30s;  // when the destination does not say how long
constexpr Milliseconds kProbeInterval = 5min;  // of a destination that waits for an operator

Verdict permanent(OnPermanentFailure policy) {
    return {policy == OnPermanentFailure::block ? VerdictAction::block : VerdictAction::bury, 0ms, true, false};
}

// A hint of the destination may only delay, never hurry.
Milliseconds at_least(Milliseconds delay, const std::optional<Milliseconds>& hint) {
    return std::max(delay, hint.value_or(0ms));
}

Verdict retry(const Attempt& attempt, bool breaker_failure) {
    if (!attempt.scheduled) {
        auto verdict = permanent(attempt.on_permanent_failure);
        verdict.breaker_failure = breaker_failure;
        return verdict;
    }
    bool ask_first = attempt.ambiguous && !attempt.resend_is_harmless;
    return {ask_first ? VerdictAction::look_up : VerdictAction::retry,
            at_least(*attempt.scheduled, attempt.retry_after), true, breaker_failure};
}

}  // namespace

Verdict judge(const Attempt& attempt) {
    switch (attempt.fault) {
        case Fault::transient:
            return retry(attempt, true);
        case Fault::conflict:
            if (attempt.fail_count >= kConflictTries) return permanent(attempt.on_permanent_failure);
            return {VerdictAction::retry, at_least(kConflictDelay, attempt.retry_after), true, false};
        case Fault::internal:
            if (attempt.fail_count >= kInternalTries) return permanent(attempt.on_permanent_failure);
            return retry(attempt, false);
        case Fault::rate_limited:
            return {VerdictAction::wait_destination,
                    at_least(attempt.retry_after ? 0ms : kRateLimitDelay, attempt.retry_after), false, false};
        case Fault::unauthorized:
        case Fault::bad_config:
            return {VerdictAction::pause_destination, kProbeInterval, false, false};
        case Fault::bad_input:
        case Fault::refused:
        case Fault::not_found:
            return permanent(attempt.on_permanent_failure);
    }
    return permanent(attempt.on_permanent_failure);
}

std::string_view name_of(VerdictAction action) {
    switch (action) {
        case VerdictAction::retry:
            return "retry";
        case VerdictAction::look_up:
            return "look_up";
        case VerdictAction::wait_destination:
            return "wait_destination";
        case VerdictAction::pause_destination:
            return "pause_destination";
        case VerdictAction::bury:
            return "bury";
        case VerdictAction::block:
            return "block";
    }
    return "bury";
}

}  // namespace tributary::flow

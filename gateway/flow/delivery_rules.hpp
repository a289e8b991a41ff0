// What happens to an item after an attempt: the one table from Fault to the queue's action. Pure.
// The times come from run/backoff; facts from the retry table of the queue design (levels: record, lane, destination).
#pragma once

#include <optional>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/fault.hpp"

namespace tributary::flow {

// What a delivery does with an item that can never succeed.
enum class OnPermanentFailure {
    supersede,  // full-state records: bury it, a newer item of the lane carries the state
    block,      // delta streams: the lane waits for an operator, nothing overtakes
    skip,       // notifications: bury it and go on
};

struct Attempt {
    Fault fault = Fault::transient;
    bool ambiguous = false;          // sent, but no answer came
    bool resend_is_harmless = true;  // natural key or idempotency key at the destination
    std::optional<Milliseconds> retry_after;
    int fail_count = 0;  // counted failures before this one
    // What the retry schedule gives after this failure, jitter included; nullopt: the item is given up.
    std::optional<Milliseconds> scheduled;
    OnPermanentFailure on_permanent_failure = OnPermanentFailure::supersede;
};

struct Verdict {
    enum class Action {
        retry,              // the lane waits for `delay`
        look_up,            // ask the destination first whether the item arrived, after `delay`
        wait_destination,   // the whole destination waits for `delay`; nothing is counted against the item
        pause_destination,  // until a probe or an operator; nothing is counted against the item
        bury,               // dead letter; the lane goes on
        block,              // dead letter is not enough: the lane stops until an operator acts
    };
    Action action = Action::retry;
    Milliseconds delay{0};
    bool counted = false;          // adds to the lane's fail_count
    bool breaker_failure = false;  // feeds the destination's circuit breaker
};

Verdict judge(const Attempt& attempt);
std::string_view name_of(Verdict::Action action);

}  // namespace tributary::flow

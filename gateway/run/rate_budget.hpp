// RateBudget: a token bucket for one credential, corrected by what the server says. Pure; RateGate awaits it.
//
// Calls are granted in the order they asked: take() books a place ahead of time, so waiting calls leave one by one and
// never in a burst. A 429 pauses everybody, halves the rate, and the rate comes back by 5 % of the full one each
// minute.
#pragma once

#include <cstdint>
#include <mutex>
#include <stop_token>

#include "gateway/base/clock.hpp"
#include "gateway/run/timers.hpp"

namespace tributary::run {

struct RateLimits {
    double capacity = 10;  // calls that may go at once after a quiet time
    double refill_per_second = 5;
    friend bool operator==(const RateLimits&, const RateLimits&) = default;
};

class RateBudget {
  public:
    // Starts full. REQUIRES: capacity >= 1, refill_per_second > 0.
    RateBudget(RateLimits limits, SteadyTime now);

    struct Place {
        SteadyTime at;      // when the call may go; not before `at`
        std::uint64_t era;  // valid as long as era() is the same
    };
    // Books `cost` (more than the whole capacity counts as that).
    Place take(SteadyTime now, double cost = 1);
    // The call will not be made after all.
    void give_back(Place place, double cost = 1);
    // A pause makes all booked places void: who holds one books again.
    std::uint64_t era() const { return era_; }

    // The server counts too: `used` of `of` are spent ("32/40", "85 of 100 percent"). Only ever lowers what is left.
    void used(SteadyTime now, double used, double of);
    // Goes on as one of `parts` that use up the limits together. REQUIRES: parts >= 1.
    void share(SteadyTime now, unsigned parts);
    // 429: nobody goes before now + pause; then at half the rate.
    void throttled(SteadyTime now, Milliseconds pause);
    // Nobody goes before `until`; the rate stays.
    void pause_until(SteadyTime now, SteadyTime until);

    double rate(SteadyTime now) const;  // calls a second at present
    double left(SteadyTime now) const;  // calls that may go at once; negative: booked ahead
    SteadyTime paused_until() const { return paused_until_; }

  private:
    void refill(SteadyTime now);
    RateLimits whole_, limits_;  // as they were given, and this one's part of them
    double tokens_;
    double factor_ = 1;  // of the full rate, at as_of_
    SteadyTime as_of_;
    SteadyTime paused_until_{};
    std::uint64_t era_ = 0;
};

// The budget that sync and delivery share. Safe from several loops.
class RateGate {
  public:
    // REQUIRES: `timers` outlives it.
    RateGate(RateLimits limits, Timers& timers) : timers_(timers), budget_(limits, timers.clock().steady()) {}

    // Waits for its turn. False: `stop` came first, nothing may be sent.
    Task<bool> acquire(double cost = 1, std::stop_token stop = {});
    void used(double used, double of);
    void throttled(Milliseconds pause);
    void pause_for(Milliseconds pause);
    // Of several gateways that call with the same credential; what is booked stays booked.
    void share(unsigned parts);
    double rate() const;
    // How much of a pause is left; 0: none.
    Milliseconds paused_for() const;

  private:
    Timers& timers_;
    mutable std::mutex mutex_;  // held for arithmetic only, never while waiting
    RateBudget budget_;
};

}  // namespace tributary::run

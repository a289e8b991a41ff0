// Breaker: stops calling a destination that keeps failing, and lets the load back in slowly. Pure: times are passed in.
//
// closed -> open: 10 failures in a row, or at least half of 20 or more calls within 60 s. Open lasts 15 s * 2^k, at
// most 10 min; then one probe (half_open). A good probe closes it with a slow start: 1, 2, 4, 8 calls at once, then no
// limit. A bad probe opens it again, for longer. While open, records keep their place and burn no attempt. Not
// thread-safe: one executor owns it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/base/clock.hpp"

namespace tributary::run {

struct BreakerLimits {
    Milliseconds window = std::chrono::seconds{60};
    unsigned min_calls = 20;
    double failure_ratio = 0.5;
    unsigned consecutive = 10;
    Milliseconds open_for = std::chrono::seconds{15};
    Milliseconds open_at_most = std::chrono::minutes{10};
    unsigned full_speed = 8;  // the slow start ends after this many at once went well
};

class Breaker {
  public:
    enum class State { closed, open, half_open, slow_start };

    explicit Breaker(BreakerLimits limits = {}) : limits_(limits) {}

    // Whether one more call may begin now. A call let in is ended by exactly one of the three below.
    bool admit(SteadyTime now);
    void succeeded(SteadyTime now);
    // `weight` 2 for answers that mean overload (502, 503, 504, 529; net/status_fault.hpp).
    void failed(SteadyTime now, unsigned weight = 1);
    // It says nothing about the destination's health: rate limited, a bad record, cancelled.
    void no_verdict(SteadyTime now);

    State state(SteadyTime now) const;
    // While open: when the probe may go. When it says nothing, a refused call waits for one in flight to end.
    std::optional<SteadyTime> open_until() const { return open_until_; }
    unsigned in_flight() const { return in_flight_; }

  private:
    struct Slice {
        std::int64_t number = -1;
        unsigned calls = 0, failures = 0;
    };
    static constexpr std::size_t kSlices = 12;

    void open(SteadyTime now);
    void count(SteadyTime now, unsigned calls, unsigned failures);
    bool too_many_failures(SteadyTime now) const;
    std::int64_t slice_number(SteadyTime now) const;
    void end_call();

    BreakerLimits limits_;
    std::array<Slice, kSlices> slices_{};
    unsigned in_a_row_ = 0;
    unsigned times_opened_ = 0;  // since it last worked at full speed
    std::optional<SteadyTime> open_until_;
    bool probing_ = false;
    unsigned at_once_ = 0;     // 0: no limit
    unsigned good_calls_ = 0;  // at the present at_once_
    unsigned in_flight_ = 0;
};

std::string_view name_of(Breaker::State state);

}  // namespace tributary::run

// Clock: the only source of time. Tests advance a FakeClock by hand.
#pragma once

#include <atomic>
#include <chrono>

namespace tributary {

using Milliseconds = std::chrono::milliseconds;
// UTC, millisecond precision.
using Timestamp = std::chrono::sys_time<Milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
    // Monotonic: for leases, deadlines and rates, never for what is stored.
    virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
  public:
    Timestamp now() const override;
    SteadyTime steady() const override;
};

// Stands still until advanced. Safe to read and advance from several threads.
class FakeClock final : public Clock {
  public:
    explicit FakeClock(Timestamp start = Timestamp{std::chrono::hours{24 * 365 * 56}})
        : now_(start.time_since_epoch().count()) {}
    Timestamp now() const override { return Timestamp{Milliseconds{now_.load()}}; }
    SteadyTime steady() const override { return SteadyTime{Milliseconds{now_.load() + steady_offset_.load()}}; }
    void advance(Milliseconds by) { now_ += by.count(); }
    // Moves the wall clock alone, as an operator or NTP would.
    void set(Timestamp to) {
        steady_offset_ += now_.load() - to.time_since_epoch().count();
        now_ = to.time_since_epoch().count();
    }

  private:
    std::atomic<Milliseconds::rep> now_;
    std::atomic<Milliseconds::rep> steady_offset_ = 0;
};

}  // namespace tributary

// Timers: waiting for a moment of a Clock. With FakeTimers nothing ever really waits: the test advances the time.
//
// Sleepers wake on their own executor. Every sleep can be cut short by a std::stop_token: it then returns false.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "gateway/base/clock.hpp"
#include "gateway/run/task.hpp"

namespace tributary::run {

class Timers {
  public:
    virtual ~Timers() = default;
    virtual const Clock& clock() const = 0;
    // True once clock().steady() has reached `at`; false when `stop` was requested first or the coroutine was
    // cancelled. REQUIRES: awaited on an executor that runs one thing at a time (a loop or a strand).
    virtual Task<bool> sleep_until(SteadyTime at, std::stop_token stop = {}) = 0;
    Task<bool> sleep_for(Milliseconds duration, std::stop_token stop = {}) {
        return sleep_until(clock().steady() + duration, std::move(stop));
    }
};

// Really waits, on the system's steady clock.
class SystemTimers final : public Timers {
  public:
    const Clock& clock() const override { return clock_; }
    Task<bool> sleep_until(SteadyTime at, std::stop_token stop = {}) override;

  private:
    SystemClock clock_;
};

// Sleepers wake when advance() carries the clock to them. Safe from several threads.
// A test that drives its loop by hand: timers.advance(5s); loop.run_ready();
class FakeTimers final : public Timers {
  public:
    explicit FakeTimers(FakeClock& clock) : clock_(clock) {}
    const Clock& clock() const override { return clock_; }
    Task<bool> sleep_until(SteadyTime at, std::stop_token stop = {}) override;

    // Moves the clock and wakes everybody whose moment has come, the earliest first.
    void advance(Milliseconds by);
    std::size_t sleeping() const;
    // When the next one wants to wake.
    std::optional<SteadyTime> next() const;

  private:
    struct Sleeper;
    FakeClock& clock_;
    mutable std::mutex mutex_;
    // Shared with the sleeping coroutine: whichever of advance() and the sleeper ends first.
    std::multimap<SteadyTime, std::shared_ptr<Sleeper>> sleepers_;
};

}  // namespace tributary::run

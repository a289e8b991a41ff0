// InstantTimers: nobody waits, the clock jumps to the moment that was waited for.
#pragma once

#include "gateway/run/timers.hpp"

namespace tributary::fakes {

class InstantTimers final : public run::Timers {
  public:
    explicit InstantTimers(FakeClock& clock) : clock_(clock) {}
    const Clock& clock() const override { return clock_; }
    run::Task<bool> sleep_until(SteadyTime at, std::stop_token stop) override {
        if (stop.stop_requested()) co_return false;
        const auto left = at - clock_.steady();
        if (left > SteadyTime::duration::zero()) clock_.advance(std::chrono::ceil<Milliseconds>(left));
        co_return true;
    }

  private:
    FakeClock& clock_;
};

}  // namespace tributary::fakes

// VirtualTimers: the sleepers of one node, on a clock that the simulation moves. A node that dies takes its own along.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>

#include "gateway/run/timers.hpp"

namespace tributary::simulation {

// Used by one thread.
class VirtualTimers final : public run::Timers {
  public:
    explicit VirtualTimers(const FakeClock& clock) : clock_(clock) {}
    const Clock& clock() const override { return clock_; }
    run::Task<bool> sleep_until(SteadyTime at, std::stop_token stop) override;

    // Wakes those whose moment has come, the earliest first.
    void wake();
    std::optional<SteadyTime> next() const;
    // REQUIRES: before the loop on which they sleep goes away, with nobody to wake any more.
    void forget() { sleepers_.clear(); }

  private:
    const FakeClock& clock_;
    std::multimap<SteadyTime, std::shared_ptr<boost::asio::steady_timer>> sleepers_;
};

}  // namespace tributary::simulation

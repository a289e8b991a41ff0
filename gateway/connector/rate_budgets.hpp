// RateBudgets: one rate budget for each credential, shared by every connection that uses it, for sync and delivery
// alike. Safe from several threads.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "gateway/run/rate_budget.hpp"

namespace tributary::connector {

class RateBudgets {
  public:
    // The first caller's limits and timers make it; it lives as long as somebody holds it.
    std::shared_ptr<run::RateGate> get(const std::string& key, const run::RateLimits& limits, run::Timers& timers);

    // Those of `before` that are still held go on here, where their first caller asks for the same limits again: how
    // the budgets of one configuration become those of the next.
    void go_on_from(RateBudgets& before);

  private:
    std::mutex mutex_;
    struct Kept {
        run::RateLimits limits;
        std::weak_ptr<run::RateGate> gate;
    };
    std::map<std::string, Kept> gates_, before_;
};

}  // namespace tributary::connector

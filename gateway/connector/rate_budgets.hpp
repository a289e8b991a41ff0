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

    // This process is one of `gateways` that use these budgets: each takes its part. Also of those made later.
    void share(unsigned gateways);

    // Those of `before` that are still held go on here, where their first caller asks for the same limits again: how
    // the budgets of one configuration become those of the next. The part is as before.
    void go_on_from(RateBudgets& before);

  private:
    std::mutex mutex_;
    unsigned gateways_ = 1;
    struct Kept {
        run::RateLimits limits;
        std::weak_ptr<run::RateGate> gate;
    };
    std::map<std::string, Kept> gates_, before_;
};

}  // namespace tributary::connector

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

  private:
    std::mutex mutex_;
    std::map<std::string, std::weak_ptr<run::RateGate>> gates_;
};

}  // namespace tributary::connector

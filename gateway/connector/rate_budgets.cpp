#include "gateway/connector/rate_budgets.hpp"

namespace tributary::connector {

std::shared_ptr<run::RateGate> RateBudgets::get(const std::string& key, const run::RateLimits& limits,
                                                run::Timers& timers) {
    const std::lock_guard lock(mutex_);
    auto& kept = gates_[key];
    if (auto gate = kept.lock()) return gate;
    auto gate = std::make_shared<run::RateGate>(limits, timers);
    kept = gate;
    return gate;
}

}  // namespace tributary::connector

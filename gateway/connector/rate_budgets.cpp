#include "gateway/connector/rate_budgets.hpp"

#include <utility>

namespace tributary::connector {

std::shared_ptr<run::RateGate> RateBudgets::get(const std::string& key, const run::RateLimits& limits,
                                                run::Timers& timers) {
    const std::lock_guard lock(mutex_);
    auto& kept = gates_[key];
    if (auto gate = kept.gate.lock()) return gate;
    const auto before = before_.find(key);
    auto gate = before != before_.end() && before->second.limits == limits ? before->second.gate.lock() : nullptr;
    if (!gate) {
        gate = std::make_shared<run::RateGate>(limits, timers);
        gate->share(gateways_);
    }
    kept = {limits, gate};
    return gate;
}

void RateBudgets::go_on_from(RateBudgets& before) {
    const std::scoped_lock lock(mutex_, before.mutex_);
    before_ = before.gates_;
    gateways_ = before.gateways_;
}

void RateBudgets::share(unsigned gateways) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(gateways_, gateways) == gateways) return;
    for (const auto& [_, kept] : gates_)
        if (const auto gate = kept.gate.lock()) gate->share(gateways);
}

}  // namespace tributary::connector

#include "gateway/api/call_quota.hpp"

#include <chrono>

namespace tributary::api {

std::optional<Milliseconds> CallQuota::ask(const std::string& caller) {
    using std::chrono::days;
    const auto now = clock_.now();
    const auto steady = clock_.steady();
    const auto today = std::chrono::floor<days>(now);
    const auto day = today.time_since_epoch().count();
    const std::lock_guard lock(mutex_);
    if (callers_.size() >= kCallers && !callers_.contains(caller))
        std::erase_if(callers_, [&](const auto& one) { return one.second.day != day; });
    auto& calls = callers_.try_emplace(caller, run::RateBudget(rate(), steady), day, 0).first->second;
    if (calls.day != day) {
        calls.day = day;
        calls.today = 0;
    }
    if (calls.today >= limits_.per_day) return std::chrono::ceil<Milliseconds>(today + days(1) - now);
    const auto place = calls.budget.take(steady);
    if (place.at > steady) {
        calls.budget.give_back(place);
        return std::chrono::ceil<Milliseconds>(place.at - steady);
    }
    ++calls.today;
    return std::nullopt;
}

}  // namespace tributary::api

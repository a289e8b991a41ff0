#include "gateway/run/rate_budget.hpp"

#include <algorithm>
#include <cassert>

namespace tributary::run {

namespace {
using Seconds = std::chrono::duration<double>;
constexpr double kRecoveryPerSecond = 0.05 / 60;
constexpr double kSlowest = 1.0 / 64;
// Answers to calls that were already out come in during a pause: one pause is one lesson.
constexpr Milliseconds kShortestPause = std::chrono::seconds{1};

SteadyTime::duration steps_of(Seconds seconds) {
    return std::chrono::duration_cast<SteadyTime::duration>(seconds);
}
}  // namespace

RateBudget::RateBudget(RateLimits limits, SteadyTime now)
    : whole_(limits), limits_(limits), tokens_(limits.capacity), as_of_(now) {
    assert(limits.capacity >= 1 && limits.refill_per_second > 0);
}

void RateBudget::refill(SteadyTime now) {
    if (now <= as_of_) return;
    double elapsed = Seconds(now - as_of_).count();
    double before = factor_;
    factor_ = std::min(1.0, factor_ + kRecoveryPerSecond * elapsed);
    tokens_ = std::min(limits_.capacity, tokens_ + limits_.refill_per_second * (before + factor_) / 2 * elapsed);
    as_of_ = now;
}

RateBudget::Place RateBudget::take(SteadyTime now, double cost) {
    refill(now);
    tokens_ -= std::min(cost, whole_.capacity);
    auto at = std::max(now, as_of_);
    if (tokens_ < 0) at += steps_of(Seconds(-tokens_ / (limits_.refill_per_second * factor_)));
    return {at, era_};
}

void RateBudget::give_back(Place place, double cost) {
    if (place.era == era_) tokens_ = std::min(limits_.capacity, tokens_ + std::min(cost, whole_.capacity));
}

void RateBudget::used(SteadyTime now, double used, double of) {
    if (!(of > 0) || !(used >= 0)) return;
    refill(now);
    tokens_ = std::min(tokens_, limits_.capacity * std::max(0.0, 1 - used / of));
}

void RateBudget::share(SteadyTime now, unsigned parts) {
    refill(now);
    limits_ = {std::max(1.0, whole_.capacity / parts), whole_.refill_per_second / parts};
    tokens_ = std::min(tokens_, limits_.capacity);
}

void RateBudget::throttled(SteadyTime now, Milliseconds pause) {
    refill(now);
    if (now >= paused_until_) factor_ = std::max(kSlowest, factor_ / 2);
    pause_until(now, now + std::max(pause, kShortestPause));
}

void RateBudget::pause_until(SteadyTime now, SteadyTime until) {
    refill(now);
    if (until <= now || until <= paused_until_) return;
    paused_until_ = until;
    as_of_ = until;
    tokens_ = 1;
    ++era_;
}

double RateBudget::rate(SteadyTime now) const {
    auto later = *this;
    later.refill(now);
    return limits_.refill_per_second * later.factor_;
}

double RateBudget::left(SteadyTime now) const {
    if (now < paused_until_) return 0;
    auto later = *this;
    later.refill(now);
    return later.tokens_;
}

Task<bool> RateGate::acquire(double cost, std::stop_token stop) {
    if (stop.stop_requested()) co_return false;
    std::unique_lock lock(mutex_);
    auto place = budget_.take(timers_.clock().steady(), cost);
    lock.unlock();
    for (;;) {
        bool awake = timers_.clock().steady() >= place.at;
        if (!awake) awake = co_await timers_.sleep_until(place.at, stop);
        lock.lock();
        if (!awake) {
            budget_.give_back(place, cost);
            co_return false;
        }
        if (budget_.era() == place.era) co_return true;
        place = budget_.take(timers_.clock().steady(), cost);
        lock.unlock();
    }
}

void RateGate::used(double used, double of) {
    std::lock_guard lock(mutex_);
    budget_.used(timers_.clock().steady(), used, of);
}

void RateGate::throttled(Milliseconds pause) {
    std::lock_guard lock(mutex_);
    budget_.throttled(timers_.clock().steady(), pause);
}

void RateGate::pause_for(Milliseconds pause) {
    std::lock_guard lock(mutex_);
    auto now = timers_.clock().steady();
    budget_.pause_until(now, now + pause);
}

void RateGate::share(unsigned parts) {
    std::lock_guard lock(mutex_);
    budget_.share(timers_.clock().steady(), parts);
}

double RateGate::rate() const {
    std::lock_guard lock(mutex_);
    return budget_.rate(timers_.clock().steady());
}

Milliseconds RateGate::paused_for() const {
    std::lock_guard lock(mutex_);
    auto left = budget_.paused_until() - timers_.clock().steady();
    return std::max(Milliseconds{0}, std::chrono::ceil<Milliseconds>(left));
}

}  // namespace tributary::run

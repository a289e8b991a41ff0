#include "gateway/run/breaker.hpp"

#include <algorithm>

namespace tributary::run {

bool Breaker::admit(SteadyTime now) {
    if (open_until_) {
        if (probing_ || now < *open_until_) return false;
        probing_ = true;
    } else if (at_once_ > 0 && in_flight_ >= at_once_) {
        return false;
    }
    ++in_flight_;
    return true;
}

// A call that began before the breaker opened may end while the probe is out. It is taken for the probe: it tells as
// much about the destination.
void Breaker::succeeded(SteadyTime now) {
    end_call();
    if (probing_) {
        probing_ = false;
        open_until_.reset();
        at_once_ = 1;
        good_calls_ = 0;
        return;
    }
    if (open_until_) return;
    in_a_row_ = 0;
    count(now, 1, 0);
    if (at_once_ == 0 || ++good_calls_ < at_once_) return;
    good_calls_ = 0;
    if (at_once_ < limits_.full_speed) {
        at_once_ *= 2;
    } else {
        at_once_ = 0;
        times_opened_ = 0;
    }
}

void Breaker::failed(SteadyTime now, unsigned weight) {
    end_call();
    if (probing_) return open(now);
    if (open_until_) return;
    in_a_row_ += weight;
    count(now, weight, weight);
    // Just recovered: give way sooner than a destination that has been well for long.
    bool relapsed = at_once_ > 0 && in_a_row_ >= std::min(3U, limits_.consecutive);
    if (relapsed || in_a_row_ >= limits_.consecutive || too_many_failures(now)) return open(now);
    if (at_once_ > 0) {
        at_once_ = std::max(1U, at_once_ / 2);
        good_calls_ = 0;
    }
}

void Breaker::no_verdict(SteadyTime) {
    end_call();
    probing_ = false;  // the next call is the probe
}

Breaker::State Breaker::state(SteadyTime now) const {
    if (open_until_) return probing_ || now >= *open_until_ ? State::half_open : State::open;
    return at_once_ > 0 ? State::slow_start : State::closed;
}

void Breaker::open(SteadyTime now) {
    auto longest = limits_.open_at_most;
    auto wait = limits_.open_for;
    for (unsigned k = 0; k < times_opened_ && wait < longest; ++k) wait *= 2;
    ++times_opened_;
    open_until_ = now + std::min(wait, longest);
    probing_ = false;
    at_once_ = 0;
    in_a_row_ = 0;
    slices_ = {};
}

std::int64_t Breaker::slice_number(SteadyTime now) const {
    auto width = std::max<SteadyTime::duration>(limits_.window / static_cast<int>(kSlices), SteadyTime::duration{1});
    return now.time_since_epoch() / width;
}

void Breaker::count(SteadyTime now, unsigned calls, unsigned failures) {
    auto number = slice_number(now);
    auto& slice = slices_[static_cast<std::size_t>(number) % kSlices];
    if (slice.number != number) slice = {number, 0, 0};
    slice.calls += calls;
    slice.failures += failures;
}

bool Breaker::too_many_failures(SteadyTime now) const {
    auto oldest = slice_number(now) - static_cast<std::int64_t>(kSlices);
    unsigned calls = 0, failures = 0;
    for (const auto& slice : slices_) {
        if (slice.number <= oldest) continue;
        calls += slice.calls;
        failures += slice.failures;
    }
    return calls >= limits_.min_calls && failures >= limits_.failure_ratio * calls;
}

void Breaker::end_call() {
    if (in_flight_ > 0) --in_flight_;
}

std::string_view name_of(Breaker::State state) {
    switch (state) {
        case Breaker::State::closed:
            return "closed";
        case Breaker::State::open:
            return "open";
        case Breaker::State::half_open:
            return "half_open";
        case Breaker::State::slow_start:
            return "slow_start";
    }
    return "unknown";
}

}  // namespace tributary::run

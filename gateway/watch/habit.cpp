#include "gateway/watch/habit.hpp"

#include <algorithm>
#include <cmath>

namespace tributary::watch {
namespace {

std::int64_t hour_of(Timestamp at) {
    return std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count();
}

}  // namespace

void Habit::add(Timestamp at, std::uint64_t count) {
    const auto hour = hour_of(at);
    first_ = std::min(first_.value_or(hour), hour);
    hours_[hour] += count;
    while (hours_.begin()->first < hours_.rbegin()->first - kHours) hours_.erase(hours_.begin());
}

std::uint64_t Habit::of_hour(Timestamp at) const {
    const auto found = hours_.find(hour_of(at));
    return found == hours_.end() ? 0 : found->second;
}

std::optional<double> Habit::usual(Timestamp at) const {
    const auto hour = hour_of(at);
    const auto begin = std::max(first_.value_or(hour), hour - kHours);
    const auto known = hour - begin;
    if (known < kKnownAfter) return std::nullopt;
    double sum = 0, squares = 0;
    for (auto each = hours_.lower_bound(begin); each != hours_.end() && each->first < hour; ++each) {
        const auto count = static_cast<double>(each->second);
        sum += count;
        squares += count * count;
    }
    const auto mean = sum / static_cast<double>(known);
    return mean + 4 * std::sqrt(std::max(0.0, squares / static_cast<double>(known) - mean * mean));
}

void Window::add(Timestamp at, std::uint64_t count) {
    if (count > 0) counts_.emplace_back(at, count);
}

void Window::grown_to(Timestamp at, std::uint64_t figure) {
    const auto before = figure_.value_or(figure);
    figure_ = figure;
    if (figure > before) add(at, figure - before);
}

std::uint64_t Window::within(Timestamp now, Milliseconds span) {
    std::erase_if(counts_, [&](const auto& one) { return one.first <= now - span; });
    std::uint64_t sum = 0;
    for (const auto& [at, count] : counts_) sum += count;
    return sum;
}

}  // namespace tributary::watch

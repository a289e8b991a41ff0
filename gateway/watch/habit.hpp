// Habit and Window: how often something happens, to tell what is unusual.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "gateway/base/clock.hpp"

namespace tributary::watch {

// Sums by the hour of up to a week.
class Habit {
  public:
    static constexpr std::int64_t kHours = 24 * 7, kKnownAfter = 24;

    // Times may come in any order; what is older than a week is forgotten.
    void add(Timestamp at, std::uint64_t count);
    // Of the hour that `at` lies in.
    std::uint64_t of_hour(Timestamp at) const;
    // Mean plus four standard deviations over the hours before that of `at`, quiet hours included; nullopt until a day
    // of them is known.
    std::optional<double> usual(Timestamp at) const;

  private:
    std::map<std::int64_t, std::uint64_t> hours_;
    std::optional<std::int64_t> first_;
};

// What was added within a span of time.
class Window {
  public:
    void add(Timestamp at, std::uint64_t count);
    // Of a figure that only grows: its growth since the call before. The first call adds nothing; a figure that fell
    // was counted anew.
    void grown_to(Timestamp at, std::uint64_t figure);
    std::uint64_t within(Timestamp now, Milliseconds span);

  private:
    std::deque<std::pair<Timestamp, std::uint64_t>> counts_;
    std::optional<std::uint64_t> figure_;
};

}  // namespace tributary::watch

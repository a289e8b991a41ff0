// CommitTimes: how long the newest commits took, for percentiles.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <vector>

#include "gateway/base/clock.hpp"

namespace tributary::store {

class CommitTimes {
  public:
    void add(std::chrono::microseconds took, SteadyTime at) { commits_[count_++ % commits_.size()] = {took, at}; }
    // For each of `percents` the time that so many of the commits since then stayed within; 0 when there was none.
    std::vector<std::chrono::microseconds> percentiles(std::initializer_list<unsigned> percents,
                                                       SteadyTime since) const;

  private:
    struct Commit {
        std::chrono::microseconds took{0};
        SteadyTime at;
    };
    std::array<Commit, 1024> commits_{};
    std::size_t count_ = 0;
};

}  // namespace tributary::store

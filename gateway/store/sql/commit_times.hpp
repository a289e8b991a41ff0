// CommitTimes: how long the newest commits took, for percentiles.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace tributary::store {

class CommitTimes {
  public:
    void add(std::chrono::microseconds took) { times_[count_++ % times_.size()] = took; }
    // The time that `percent` of the commits stayed within; 0 before the first.
    std::chrono::microseconds percentile(unsigned percent) const;

  private:
    std::array<std::chrono::microseconds, 1024> times_{};
    std::size_t count_ = 0;
};

}  // namespace tributary::store

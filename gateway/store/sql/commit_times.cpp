#include "gateway/store/sql/commit_times.hpp"

#include <algorithm>

namespace tributary::store {

std::chrono::microseconds CommitTimes::percentile(unsigned percent) const {
    const auto known = std::min(count_, times_.size());
    if (known == 0) return {};
    auto times = times_;
    const auto rank = times.begin() + static_cast<std::ptrdiff_t>((known - 1) * percent / 100);
    std::nth_element(times.begin(), rank, times.begin() + static_cast<std::ptrdiff_t>(known));
    return *rank;
}

}  // namespace tributary::store

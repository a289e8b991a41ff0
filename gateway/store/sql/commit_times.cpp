#include "gateway/store/sql/commit_times.hpp"

#include <algorithm>

namespace tributary::store {

std::vector<std::chrono::microseconds> CommitTimes::percentiles(std::initializer_list<unsigned> percents,
                                                                SteadyTime since) const {
    std::array<std::chrono::microseconds, 1024> times;
    auto* end = times.begin();
    for (std::size_t i = 0; i < std::min(count_, commits_.size()); ++i)
        if (commits_[i].at >= since) *end++ = commits_[i].took;
    std::vector<std::chrono::microseconds> found;
    for (const auto percent : percents) {
        if (end == times.begin()) {
            found.emplace_back(0);
            continue;
        }
        auto* const rank = times.begin() + (end - times.begin() - 1) * percent / 100;
        std::nth_element(times.begin(), rank, end);
        found.push_back(*rank);
    }
    return found;
}

}  // namespace tributary::store

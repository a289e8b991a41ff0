#include "gateway/store/sql/commit_times.hpp"

#include <catch2/catch.hpp>

using namespace tributary;
using namespace tributary::store;
using namespace std::chrono_literals;

TEST_CASE("percentiles are of the commits since a moment, the newest thousand at most", "[store]") {
    CommitTimes times;
    const SteadyTime began{1h};
    CHECK(times.percentiles({50, 99}, began) == std::vector<std::chrono::microseconds>{0us, 0us});
    for (int n = 1; n <= 100; ++n) times.add(n * 1s, began);
    CHECK(times.percentiles({50, 95, 99}, began) == std::vector<std::chrono::microseconds>{50s, 95s, 99s});
    times.add(2ms, began + 1min);
    CHECK(times.percentiles({95}, began + 1s) == std::vector<std::chrono::microseconds>{2ms});
    CHECK(times.percentiles({95}, began + 2min) == std::vector<std::chrono::microseconds>{0us});
    for (int n = 0; n < 1024; ++n) times.add(1ms, began);
    CHECK(times.percentiles({99}, began) == std::vector<std::chrono::microseconds>{1ms});
}

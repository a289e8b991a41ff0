#include "gateway/api/call_quota.hpp"

#include <catch2/catch.hpp>

using namespace tributary;
using namespace std::chrono_literals;

namespace {

int granted(api::CallQuota& quota, const std::string& caller, int asked) {
    int count = 0;
    for (int i = 0; i < asked; ++i) count += quota.ask(caller) ? 0 : 1;
    return count;
}

}  // namespace

TEST_CASE("req 7: each caller has ten seconds' worth of requests at once, then so many a second", "[req7]") {
    FakeClock clock;
    api::CallQuota quota({.per_second = 2, .per_day = 1000}, clock);
    CHECK(granted(quota, "token a", 30) == 20);
    const auto wait = quota.ask("token a");
    REQUIRE(wait);
    CHECK(*wait == 500ms);
    CHECK(granted(quota, "token b", 1) == 1);
    clock.advance(1s);
    CHECK(granted(quota, "token a", 30) == 2);
}

TEST_CASE("req 13: a caller has so many requests a day, and the next day again", "[req13]") {
    FakeClock clock;
    api::CallQuota quota({.per_second = 100, .per_day = 5}, clock);
    CHECK(granted(quota, "token a", 9) == 5);
    const auto wait = quota.ask("token a");
    REQUIRE(wait);
    CHECK(*wait <= 24h);
    clock.advance(std::chrono::duration_cast<Milliseconds>(*wait));
    CHECK(granted(quota, "token a", 9) == 5);
}

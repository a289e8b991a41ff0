#include "gateway/run/rate_budget.hpp"

#include <catch2/catch.hpp>

#include "gateway/run/executor.hpp"

using namespace tributary;
using namespace std::chrono_literals;
using run::RateBudget;

namespace {
const SteadyTime kStart{1000s};
}

TEST_CASE("a full bucket goes at once, then calls leave at the refill rate in order", "[rate]") {
    RateBudget budget({.capacity = 4, .refill_per_second = 2}, kStart);
    for (int i = 0; i < 4; ++i) CHECK(budget.take(kStart).at == kStart);
    CHECK(budget.take(kStart).at == kStart + 500ms);
    CHECK(budget.take(kStart).at == kStart + 1s);
    CHECK(budget.take(kStart + 250ms).at == kStart + 1500ms);
}

TEST_CASE("a quiet time fills the bucket to its capacity and no further", "[rate]") {
    RateBudget budget({.capacity = 3, .refill_per_second = 1}, kStart);
    CHECK(budget.left(kStart + 1h) == 3);
    for (int i = 0; i < 3; ++i) CHECK(budget.take(kStart + 1h).at == kStart + 1h);
    CHECK(budget.take(kStart + 1h).at == kStart + 1h + 1s);
}

TEST_CASE("the server's count lowers what is left and never raises it", "[rate]") {
    RateBudget budget({.capacity = 40, .refill_per_second = 2}, kStart);
    budget.used(kStart, 32, 40);
    CHECK(budget.left(kStart) == Approx(8));
    budget.used(kStart, 1, 40);
    CHECK(budget.left(kStart) == Approx(8));
    budget.used(kStart, 95, 100);
    CHECK(budget.left(kStart) == Approx(2));
    budget.used(kStart, 60, 40);
    CHECK(budget.left(kStart) == Approx(0));
}

TEST_CASE("being throttled pauses, halves the rate once per pause and releases callers one by one", "[rate]") {
    RateBudget budget({.capacity = 10, .refill_per_second = 2}, kStart);
    auto before = budget.take(kStart);
    budget.throttled(kStart, 30s);
    budget.throttled(kStart + 1s, 10s);  // another call that was already out
    CHECK(budget.era() != before.era);
    CHECK(budget.paused_until() == kStart + 30s);
    CHECK(budget.rate(kStart + 1s) == Approx(1));
    CHECK(budget.take(kStart + 1s).at == kStart + 30s);
    CHECK(budget.take(kStart + 1s).at == kStart + 31s);
    CHECK(budget.take(kStart + 1s).at == kStart + 32s);
}

TEST_CASE("the rate comes back by five percent of the full one each minute", "[rate]") {
    RateBudget budget({.capacity = 10, .refill_per_second = 4}, kStart);
    budget.throttled(kStart, 1s);
    auto resumed = kStart + 1s;
    CHECK(budget.rate(resumed) == Approx(2));
    CHECK(budget.rate(resumed + 1min) == Approx(2.2));
    CHECK(budget.rate(resumed + 10min) == Approx(4));
    CHECK(budget.rate(resumed + 24h) == Approx(4));
}

TEST_CASE("throttling over and over never stops the calls for good", "[rate]") {
    RateBudget budget({.capacity = 10, .refill_per_second = 64}, kStart);
    auto now = kStart;
    for (int i = 0; i < 50; ++i) {
        budget.throttled(now, 1s);
        now += 2s;
    }
    CHECK(budget.rate(now) >= 1);
}

TEST_CASE("a cost above the capacity counts as the capacity", "[rate]") {
    RateBudget budget({.capacity = 5, .refill_per_second = 1}, kStart);
    CHECK(budget.take(kStart, 1000).at == kStart);
    CHECK(budget.take(kStart, 1).at == kStart + 1s);
}

TEST_CASE("callers of a gate wait their turn and a pause holds all of them", "[rate]") {
    FakeClock clock;
    run::FakeTimers timers(clock);
    run::Loop loop("test");
    run::RateGate gate({.capacity = 1, .refill_per_second = 1}, timers);
    int granted = 0, refused = 0;
    auto caller = [](run::RateGate& g, int& yes, int& no, std::stop_token stop) -> run::Task<> {
        bool mine = co_await g.acquire(1, stop);
        ++(mine ? yes : no);
    };
    std::stop_source stop;
    for (int i = 0; i < 4; ++i) loop.spawn(caller(gate, granted, refused, stop.get_token()));
    loop.run_ready();
    CHECK(granted == 1);
    timers.advance(1s);
    loop.run_ready();
    CHECK(granted == 2);
    gate.throttled(10s);
    timers.advance(9s);
    loop.run_ready();
    CHECK(granted == 2);
    timers.advance(1s);
    loop.run_ready();
    CHECK(granted == 3);
    stop.request_stop();
    loop.run_ready();
    CHECK(granted == 3);
    CHECK(refused == 1);
}

TEST_CASE("of several that share a budget each takes its part", "[rate]") {
    RateBudget budget({.capacity = 12, .refill_per_second = 6}, kStart);
    budget.share(kStart, 3);
    CHECK(budget.rate(kStart) == Approx(2));
    for (int i = 0; i < 4; ++i) CHECK(budget.take(kStart).at == kStart);
    CHECK(budget.take(kStart).at == kStart + 500ms);
    SECTION("a call may cost more than the part and is booked whole") {
        CHECK(budget.take(kStart, 10).at == kStart + 5500ms);
        CHECK(budget.take(kStart, 100).at == kStart + 11500ms);
    }
    SECTION("it has all again when the others are gone, and nothing is filled up at once") {
        budget.share(kStart, 1);
        CHECK(budget.rate(kStart) == Approx(6));
        CHECK(budget.left(kStart) == Approx(-1));
        CHECK(budget.left(kStart + 1h) == Approx(12));
    }
    SECTION("a part is never less than one call") {
        budget.share(kStart, 100);
        CHECK(budget.left(kStart + 1h) == Approx(1));
    }
}

#include "gateway/run/breaker.hpp"

#include <catch2/catch.hpp>

using namespace tributary;
using namespace std::chrono_literals;
using run::Breaker;
using State = run::Breaker::State;

namespace {

// A breaker with a clock of its own.
struct Bench {
    Breaker breaker;
    SteadyTime now{1000s};

    bool call(bool good, unsigned weight = 1) {
        if (!breaker.admit(now)) return false;
        if (good)
            breaker.succeeded(now);
        else
            breaker.failed(now, weight);
        return true;
    }
    void fail_open() {
        while (breaker.state(now) != State::open) REQUIRE(call(false));
    }
    void pass(Milliseconds by) { now += by; }
    State state() const { return breaker.state(now); }
};

}  // namespace

TEST_CASE("ten failures in a row open the breaker", "[breaker]") {
    Bench bench;
    for (int i = 0; i < 9; ++i) bench.call(false);
    CHECK(bench.state() == State::closed);
    bench.call(false);
    CHECK(bench.state() == State::open);
    CHECK_FALSE(bench.call(true));
    CHECK(bench.breaker.open_until() == bench.now + 15s);
}

TEST_CASE("half of twenty calls failing opens it, fewer calls do not", "[breaker]") {
    Bench bench;
    for (int i = 0; i < 19; ++i) bench.call(i % 2 == 0);
    CHECK(bench.state() == State::closed);
    bench.call(false);
    CHECK(bench.state() == State::open);
}

TEST_CASE("failures older than the window are forgotten", "[breaker]") {
    Bench bench;
    for (int i = 0; i < 9; ++i) bench.call(false);
    bench.call(true);
    bench.pass(61s);
    for (int i = 0; i < 10; ++i) bench.call(true);
    for (int i = 0; i < 9; ++i) bench.call(false);
    CHECK(bench.state() == State::closed);
}

TEST_CASE("answers that mean overload count twice", "[breaker]") {
    Bench bench;
    for (int i = 0; i < 5; ++i) bench.call(false, 2);
    CHECK(bench.state() == State::open);
}

TEST_CASE("one probe goes after the wait, a bad one waits twice as long up to ten minutes", "[breaker]") {
    Bench bench;
    bench.fail_open();
    Milliseconds wait = 15s;
    for (int k = 0; k < 10; ++k) {
        REQUIRE(*bench.breaker.open_until() - bench.now == wait);
        bench.pass(wait - 1ms);
        CHECK_FALSE(bench.breaker.admit(bench.now));
        bench.pass(1ms);
        CHECK(bench.state() == State::half_open);
        CHECK(bench.breaker.admit(bench.now));
        CHECK_FALSE(bench.breaker.admit(bench.now));
        bench.breaker.failed(bench.now);
        CHECK(bench.state() == State::open);
        wait = std::min<Milliseconds>(wait * 2, 10min);
    }
}

TEST_CASE("after a good probe the load comes back as 1, 2, 4, 8 calls at once, then freely", "[breaker]") {
    Bench bench;
    bench.fail_open();
    bench.pass(15s);
    REQUIRE(bench.call(true));
    for (unsigned at_once : {1U, 2U, 4U, 8U}) {
        CHECK(bench.state() == State::slow_start);
        unsigned admitted = 0;
        while (bench.breaker.admit(bench.now)) ++admitted;
        CHECK(admitted == at_once);
        for (unsigned i = 0; i < admitted; ++i) bench.breaker.succeeded(bench.now);
    }
    CHECK(bench.state() == State::closed);
    for (int i = 0; i < 100; ++i) CHECK(bench.breaker.admit(bench.now));
}

TEST_CASE("during the slow start one failure halves the load and three in a row open it again, for longer",
          "[breaker]") {
    Bench bench;
    bench.fail_open();
    bench.pass(15s);
    bench.call(true);
    for (int i = 0; i < 3; ++i) bench.call(true);  // 1, then 2: now at 4
    bench.call(false);
    unsigned admitted = 0;
    while (bench.breaker.admit(bench.now)) ++admitted;
    CHECK(admitted == 2);
    for (unsigned i = 0; i < admitted; ++i) bench.breaker.failed(bench.now);
    CHECK(bench.state() == State::open);
    CHECK(*bench.breaker.open_until() - bench.now == 30s);
}

TEST_CASE("calls without a verdict change nothing, and hand the probe on", "[breaker]") {
    Bench bench;
    bench.fail_open();
    bench.pass(15s);
    REQUIRE(bench.breaker.admit(bench.now));
    bench.breaker.no_verdict(bench.now);
    CHECK(bench.breaker.in_flight() == 0);
    CHECK(bench.breaker.admit(bench.now));
    bench.breaker.succeeded(bench.now);
    CHECK(bench.state() == State::slow_start);
}

TEST_CASE("calls that were out when the breaker opened do not open it further", "[breaker]") {
    Bench bench;
    for (int i = 0; i < 15; ++i) REQUIRE(bench.breaker.admit(bench.now));
    for (int i = 0; i < 15; ++i) bench.breaker.failed(bench.now);
    CHECK(*bench.breaker.open_until() - bench.now == 15s);
    CHECK(bench.breaker.in_flight() == 0);
}

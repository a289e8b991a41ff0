#include "gateway/run/executor.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <stdexcept>

#include "gateway/run/stop.hpp"
#include "gateway/run/timers.hpp"

using namespace tributary;
using namespace std::chrono_literals;

namespace {

run::Task<int> doubled(int n) {
    co_return n * 2;
}

run::Task<int> failing() {
    throw std::runtime_error("on purpose");
    co_return 0;
}

}  // namespace

TEST_CASE("a task runs to its end on the calling thread or on the loop's own", "[executor]") {
    CHECK(run::run_blocking(doubled(4)) == 8);
    run::Loop loop("test");
    CHECK(run::run_blocking(loop, doubled(5)) == 10);
    loop.start();
    CHECK(run::run_blocking(loop, doubled(6)) == 12);
    CHECK_THROWS_AS(run::run_blocking(loop, failing()), std::runtime_error);
}

TEST_CASE("blocking work leaves the loop free and comes back to it", "[executor]") {
    run::Loop loop("test");
    run::Pool pool("pool", 2);
    auto work = [](run::Pool& p) -> run::Task<bool> {
        auto loop_thread = std::this_thread::get_id();
        auto pool_thread = co_await run::on(p, [] { return std::this_thread::get_id(); });
        co_return pool_thread != loop_thread&& std::this_thread::get_id() == loop_thread;
    };
    CHECK(run::run_blocking(loop, work(pool)));
    auto throwing = [](run::Pool& p) -> run::Task<> {
        co_await run::on(p, [] { throw std::runtime_error("on purpose"); });
    };
    CHECK_THROWS_AS(run::run_blocking(loop, throwing(pool)), std::runtime_error);
}

TEST_CASE("fake sleepers wake in the order of their moments", "[timers]") {
    FakeClock clock;
    run::FakeTimers timers(clock);
    run::Loop loop("test");
    std::string order;
    auto sleeper = [](run::FakeTimers& t, Milliseconds wait, std::string& out, char name) -> run::Task<> {
        if (co_await t.sleep_for(wait)) out += name;
    };
    loop.spawn(sleeper(timers, 3s, order, 'c'));
    loop.spawn(sleeper(timers, 1s, order, 'a'));
    loop.spawn(sleeper(timers, 2s, order, 'b'));
    loop.run_ready();
    CHECK(timers.sleeping() == 3);
    CHECK(timers.next() == clock.steady() + 1s);
    timers.advance(999ms);
    loop.run_ready();
    CHECK(order.empty());
    timers.advance(10s);
    loop.run_ready();
    CHECK(order == "abc");
    CHECK(timers.sleeping() == 0);
}

TEST_CASE("a stop request cuts a sleep short, fake or real", "[timers]") {
    FakeClock clock;
    run::FakeTimers fake(clock);
    run::SystemTimers real;
    for (run::Timers* timers : {static_cast<run::Timers*>(&fake), static_cast<run::Timers*>(&real)}) {
        run::Loop loop("test");
        std::stop_source stop;
        std::optional<bool> woke;
        auto sleeper = [](run::Timers& t, std::stop_token token, std::optional<bool>& out) -> run::Task<> {
            out = co_await t.sleep_for(24h, token);
        };
        loop.spawn(sleeper(*timers, stop.get_token(), woke));
        loop.run_ready();
        CHECK_FALSE(woke);
        stop.request_stop();
        loop.run_ready();
        CHECK(woke == false);
    }
    CHECK(fake.sleeping() == 0);
}

TEST_CASE("a real sleep ends when its moment comes", "[timers]") {
    run::SystemTimers timers;
    CHECK(run::run_blocking(timers.sleep_for(1ms)));
    CHECK(run::run_blocking(timers.sleep_until(SteadyTime{})));
}

TEST_CASE("a stop waits for the parts that hold work", "[stop]") {
    FakeClock clock;
    run::FakeTimers timers(clock);
    run::Loop loop("test");
    run::GracefulStop stop;
    auto sync = std::make_optional(stop.join("sync"));
    auto deliver = std::make_optional(stop.join("deliver"));
    std::optional<std::vector<std::string>> left;
    auto waiter = [](run::GracefulStop& s, run::Timers& t,
                     std::optional<std::vector<std::string>>& out) -> run::Task<> {
        co_await s.requested();
        out = co_await s.drained(t, 10s);
    };
    loop.spawn(waiter(stop, timers, left));
    loop.run_ready();
    stop.request();
    CHECK(stop.token().stop_requested());
    CHECK_FALSE(stop.hard_token().stop_requested());
    loop.run_ready();
    sync.reset();
    loop.run_ready();
    CHECK_FALSE(left);
    SECTION("and ends clean when the last one leaves") {
        deliver.reset();
        loop.run_ready();
        CHECK(left == std::vector<std::string>{});
    }
    SECTION("and names who is late at the deadline") {
        timers.advance(10s);
        loop.run_ready();
        CHECK(left == std::vector<std::string>{"deliver"});
    }
    SECTION("and a hard stop waits for nobody") {
        stop.request_hard();
        loop.run_ready();
        CHECK(left == std::vector<std::string>{"deliver"});
    }
}

TEST_CASE("the first signal asks for a stop, the second one cuts off", "[stop]") {
    run::Loop loop("signals");
    run::GracefulStop stop;
    stop.watch_signals(loop);
    loop.run_ready();
    std::raise(SIGTERM);
    while (!stop.token().stop_requested()) loop.context().run_one();
    CHECK_FALSE(stop.hard_token().stop_requested());
    std::raise(SIGINT);
    while (!stop.hard_token().stop_requested()) loop.context().run_one();
    CHECK(stop.hard_token().stop_requested());
}

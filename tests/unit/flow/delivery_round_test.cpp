// Rounds: leases, what they are good for, and how rounds follow each other.
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "gateway/flow/lease_losses.hpp"
#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;

namespace {

// Nobody else's name or address.
std::string person(int number, int month) {
    const auto text = std::to_string(number);
    return R"({"name":"N)" + text + R"(","email":"n)" + text + R"(@example.com","at":"2026-0)" + std::to_string(month) +
           R"(-05T10:00:00Z"})";
}

}  // namespace

TEST_CASE("nothing is sent any more when slow sends before it have used up the lease", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    auto& crm = *f.connectors["crm"];
    crm.before_push = [&] { f.clock.advance(30s); };
    for (int i = 0; i < 3; ++i) f.take("shop", std::to_string(i), person(i, 1));
    DeliveryWorker worker(*f.world, "crm", {.pushes = 1, .lease = 60s, .margin = 20s});
    REQUIRE(run::run_blocking(f.loop, worker.work_off()));
    CHECK(crm.pushed.size() == 2);
    CHECK(f.stats().destinations.at(0).delivered == 2);
    REQUIRE(run::run_blocking(f.loop, worker.work_off()));
    CHECK(crm.pushed.size() == 3);
    CHECK(f.stats().destinations.at(0).retried == 0);
}

TEST_CASE("rounds that overlap send everything once, and leave no lane leased", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    auto& crm = *f.connectors["crm"];
    for (int i = 0; i < 30; ++i) f.take("shop", std::to_string(i), person(i, 1));
    DeliveryWorker worker(*f.world, "crm", {.lanes = 4, .pushes = 2});
    const auto taken = run::run_blocking(f.loop, worker.work_off());
    REQUIRE(taken);
    CHECK(*taken == 30);
    CHECK(f.stats().destinations.at(0).delivered == 30);
    std::set<std::string> keys;
    for (const auto& one : crm.pushed) keys.insert(one.key);
    CHECK(keys.size() == 30);
    CHECK(crm.pushed.size() == 30);
    for (int i = 0; i < 30; ++i) f.take("shop", std::to_string(i), person(i, 2));
    CHECK(run::run_blocking(f.loop, worker.work_off()).value_or(0) == 30);
}

TEST_CASE("of several hints to wait the longest counts", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    auto& crm = *f.connectors["crm"];
    crm.batch = 2;
    for (int i = 0; i < 2; ++i) f.take("shop", std::to_string(i), person(i, 1));
    for (const auto wait : {9s, 2s}) {
        Error slow_down{Fault::rate_limited, "scripted"};
        slow_down.retry_after = wait;
        crm.script.push_back({fail(slow_down), false});
    }
    f.round("crm");
    CHECK(crm.pushed.size() == 2);
    f.clock.advance(3s);
    f.round("crm");
    CHECK(crm.pushed.size() == 2);
    f.clock.advance(7s);
    f.round("crm");
    CHECK(f.stats().destinations.at(0).delivered == 2);
}

TEST_CASE("what was claimed while a destination paused is not sent, and waits without a lease", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    auto& crm = *f.connectors["crm"];
    for (int i = 0; i < 4; ++i) f.take("shop", std::to_string(i), person(i, 1));
    Error slow_down{Fault::rate_limited, "scripted"};
    slow_down.retry_after = 5s;
    crm.script.push_back({fail(slow_down), false});
    DeliveryWorker worker(*f.world, "crm", {.lanes = 1, .pushes = 1});
    REQUIRE(run::run_blocking(f.loop, worker.work_off()));
    CHECK(crm.pushed.size() == 1);
    REQUIRE(run::run_blocking(f.loop, worker.work_off()));
    CHECK(crm.pushed.size() == 1);
    f.clock.advance(6s);
    REQUIRE(run::run_blocking(f.loop, worker.work_off()));
    CHECK(crm.pushed.size() == 5);
    CHECK(f.stats().destinations.at(0).delivered == 4);
}

TEST_CASE("a push that waits longer than a lease keeps it, and is no crash", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    auto& crm = *f.connectors["crm"];
    crm.wait_before_push = [&]() -> run::Task<> { co_await f.timers.sleep_for(200s); };
    f.take("shop", "1", person(1, 1));
    DeliveryWorker worker(*f.world, "crm");
    bool done = false;
    boost::asio::co_spawn(f.loop.executor(), worker.work_off(), [&](std::exception_ptr, auto) { done = true; });
    std::size_t reaped = 0;
    for (int turns = 0; turns < 10'000'000 && !done; ++turns) {
        if (f.loop.run_ready() > 0) continue;
        if (f.timers.sleeping() < 2) {
            std::this_thread::yield();  // the pool is at work: both the push and who keeps the lease sleep otherwise
            continue;
        }
        f.timers.advance(5s);
        while (f.loop.run_ready() > 0) {
        }
        REQUIRE(f.store->write([&](store::Session& session) -> Result<void> {
            TRY(auto lanes, session.outbox().reap(f.clock.now()));
            reaped += lanes.size();
            return {};
        }));
    }
    REQUIRE(done);
    CHECK(reaped == 0);
    CHECK(crm.pushed.size() == 1);
    CHECK(f.stats().destinations.at(0).delivered == 1);
}

TEST_CASE("what a worker did that stood still past its lease is dropped, and counted", "[delivery]") {
    WorldFixture f;
    LeaseLosses losses;
    f.world->losses = &losses;
    f.deliver("crm", "service.order");
    f.take("shop", "1", person(1, 1));
    f.connectors["crm"]->before_push = [&] {
        f.clock.advance(60s);
        REQUIRE(f.store->write([&](store::Session& session) -> Result<void> {
            TRY(auto reaped, session.outbox().reap(f.clock.now()));
            CHECK(reaped.size() == 1);
            return {};
        }));
    };
    f.round("crm");
    CHECK(losses.counts() == std::map<LeaseLosses::Place, std::uint64_t>{{{LeaseLosses::Work::delivery, "crm"}, 1}});
    CHECK(f.stats().destinations.at(0).delivered == 0);
}

TEST_CASE("what a crashed round may have sent is asked about until something is sent anew", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    f.deliver_orders("crm");
    auto& crm = *f.connectors["crm"];
    crm.kind = connector::Idempotency::none;
    f.take("shop", "1", person(1, 1));
    f.take_order("shop", "1", "processing");
    crm.before_push = [&] {
        if (crm.pushed.empty()) return;  // the second is sent, and nobody settles either
        f.clock.advance(60s);
        REQUIRE(f.store->write([&](store::Session& session) -> Result<void> {
            TRY(auto reaped, session.outbox().reap(f.clock.now()));
            CHECK(reaped.size() == 1);
            return {};
        }));
    };
    f.round("crm");
    REQUIRE(crm.pushed.size() == 2);
    crm.before_push = nullptr;
    for (const auto& one : crm.pushed) crm.arrived[one.key] = {"r-1", true};
    std::size_t asked = 0;
    crm.before_look_up = [&] {
        if (++asked == 1) f.clock.advance(50s);  // the lease is used up, so the second waits for the next round
    };
    DeliveryWorker worker(*f.world, "crm", {.lease = 60s, .margin = 20s});
    for (int rounds = 0; rounds < 3; ++rounds) {
        f.clock.advance(5s);
        REQUIRE(run::run_blocking(f.loop, worker.work_off()));
    }
    CHECK(asked == 2);
    CHECK(crm.pushed.size() == 2);
    CHECK(f.stats().destinations.at(0).delivered == 2);
}

// The wall clock is set while leases run and lanes wait: they last as long as they would have.
#include "tests/contract/store/inbox_contract.hpp"
#include "tests/contract/store/lanes.hpp"
#include "tests/unit/store/sqlite_engine.hpp"

using namespace tributary;
using namespace tributary::contract;
using namespace std::chrono_literals;

namespace {

struct ClockScene {
    SqliteEngine engine;
    std::unique_ptr<store::Store> store = engine.open();
    Lanes lanes{*store, 0};

    ClockScene() { lanes.enqueue({item("a", 1)}); }
    void wait(std::chrono::seconds by) {
        engine.clock.advance(by);
        follow();
    }
    void set(Milliseconds by) {
        engine.clock.set(engine.clock.now() + by);
        follow();
    }
    // The time of the wall clock, from at(0) on.
    void follow() { lanes.now = std::chrono::duration_cast<std::chrono::seconds>(engine.clock.now() - at(0)).count(); }
    std::size_t claimed() { return lanes.claim().size(); }
};

const auto kSteps = {Milliseconds(1h),
                     Milliseconds(-1h),
                     Milliseconds(24h),
                     Milliseconds(-24h),
                     Milliseconds(-24h * 365 * 56),
                     Milliseconds(24h * 365 * 14)};

}  // namespace

TEST_CASE("a lease lasts as long as it was given for, however the clock is set", "[store][clock]") {
    for (const auto step : kSteps) {
        ClockScene scene;
        scene.wait(2s);
        const auto lane = scene.lanes.claim().at(0);  // for 30 seconds
        scene.set(step);
        CHECK(scene.lanes.reap().empty());
        scene.wait(29s);
        CHECK(scene.lanes.reap().empty());
        CHECK(scene.lanes.settle(scene.lanes.all(lane, store::ItemEnd::kept)) == store::Settled::settled);
        REQUIRE(scene.claimed() == 1);
        scene.set(-step);
        scene.wait(31s);
        CHECK(scene.lanes.reap().size() == 1);
    }
}

TEST_CASE("a lane that waits is due after its time, neither early nor late, however the clock is set",
          "[store][clock]") {
    for (const auto step : kSteps) {
        ClockScene scene;
        scene.wait(2s);
        auto later = scene.lanes.all(scene.lanes.claim().at(0), store::ItemEnd::kept);
        later.retry_at = scene.engine.clock.now() + 60s;
        later.fail_count = 1;
        CHECK(scene.lanes.settle(later) == store::Settled::settled);
        scene.set(step);
        CHECK(scene.claimed() == 0);
        scene.wait(59s);
        CHECK(scene.claimed() == 0);
        scene.wait(2s);
        const auto lanes = scene.lanes.claim();
        REQUIRE(lanes.size() == 1);
        REQUIRE(lanes[0].first_failed_at);
        CHECK(scene.engine.clock.now() - *lanes[0].first_failed_at == 61s);
    }
}

TEST_CASE("a lane that was emptied before the clock was set back takes what comes after", "[store][clock]") {
    ClockScene scene;
    scene.wait(2s);
    scene.lanes.settle(scene.lanes.all(scene.lanes.claim().at(0), store::ItemEnd::delivered));
    scene.set(-24h);
    auto next = item("a", 2);
    next.created_at = scene.engine.clock.now();
    scene.lanes.enqueue({next});
    CHECK(scene.claimed() == 1);
}

TEST_CASE("a pause of a destination ends after its time, however the clock is set", "[store][clock]") {
    for (const auto step : kSteps) {
        ClockScene scene;
        scene.wait(2s);
        const auto now = scene.engine.clock.now();
        write(*scene.store, [&](store::Session& s) { return s.outbox().pause("crm", "429", now, now + 60s); });
        scene.set(step);
        CHECK(scene.claimed() == 0);
        scene.wait(61s);
        CHECK(scene.claimed() == 1);
    }
}

TEST_CASE("a write that fails as the first after the clock was set does not leave times behind", "[store][clock]") {
    ClockScene scene;
    scene.wait(2s);
    REQUIRE(scene.claimed() == 1);
    scene.set(-24h);
    CHECK_FALSE(scene.store->write([](store::Session&) -> Result<void> { return fail(Fault::bad_input, "no"); }));
    scene.wait(31s);
    CHECK(scene.lanes.reap().size() == 1);
}

TEST_CASE("webhooks that wait keep their age when the clock is set", "[store][clock]") {
    for (const auto step : kSteps) {
        ClockScene scene;
        write(*scene.store, [](store::Session& s) { return s.inbox().put(std::vector{entry(1)}); });
        scene.set(step);
        const auto claimed = claim(*scene.store, 10, scene.engine.clock.now());
        REQUIRE(claimed.size() == 1);
        CHECK(claimed[0].entry.received_at - at(1) == step);
    }
}

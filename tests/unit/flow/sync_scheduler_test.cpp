#include "gateway/flow/sync_scheduler.hpp"

#include <catch2/catch.hpp>

#include <thread>

#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;

namespace {

// A source that says when it has something new.
class Teller final : public connector::Connector, public connector::Source {
  public:
    explicit Teller(run::Timers& timers) : timers_(timers) {}
    connector::Source* source() override { return this; }
    run::Task<Result<void>> check() override { co_return Result<void>{}; }
    run::Task<Result<connector::Page>> pull(std::string, connector::Cursor cursor) override {
        ++pulls;
        if (broken) co_return fail(Fault::bad_config, "the source says no");
        connector::Page page;
        page.cursor.json = std::to_string(pulls);
        page.last = true;
        cursors.push_back(cursor.json);
        co_return page;
    }
    bool can_wait(const std::string&) const override { return true; }
    run::Task<Result<bool>> wait(std::string, connector::Cursor cursor, SteadyTime until,
                                 std::stop_token stop) override {
        ++waits;
        waited_from.push_back(cursor.json);
        if (deaf) co_return fail(Fault::transient, "the connection is gone");
        news = std::stop_source();
        std::stop_source any;
        const std::stop_callback told(news.get_token(), [&] { any.request_stop(); });
        const std::stop_callback stopped(stop, [&] { any.request_stop(); });
        co_await timers_.sleep_until(until, any.get_token());
        co_return news.stop_requested();
    }

    int pulls = 0, waits = 0;
    bool broken = false, deaf = false;
    std::stop_source news;
    std::vector<std::string> cursors, waited_from;

  private:
    run::Timers& timers_;
};

struct ScheduleScene {
    explicit ScheduleScene(int cut_off = 0) {
        Connection connection;
        connection.name = "mailbox";
        auto owned = std::make_unique<Teller>(f.timers);
        teller = owned.get();
        connection.connector = std::move(owned);
        connection.streams.emplace(
            "inbox", Stream{"inbox", f.plan(WorldFixture::kPeople), *run::Schedule::parse("0 * * * *"), false});
        f.world->connections.emplace("mailbox", std::move(connection));
        for (int i = 0; i < cut_off; ++i)
            REQUIRE(f.store->write([&](store::Session& session) -> Result<void> {
                CHECK_OK(session.jobs().begin("mailbox", "inbox", f.clock.now()));
                return {};
            }));
        f.loop.spawn(scheduler.run("mailbox", "inbox", stop.get_token()));
    }
    ~ScheduleScene() {
        stop.request_stop();
        // The coroutine leaves before what it refers to.
        for (int i = 0; i < 100; ++i) turn();
    }
    void turn() {
        f.loop.run_ready();
        std::this_thread::sleep_for(1ms);  // the pool's threads store and read
    }
    // Turns the loop until the condition holds and everybody sleeps.
    template <class F>
    bool soon(F condition) {
        for (int i = 0; i < 5000; ++i) {
            turn();
            if (condition() && f.timers.sleeping() > 0) return true;
        }
        return false;
    }

    WorldFixture f;
    Teller* teller = nullptr;
    SyncScheduler scheduler{*f.world, *f.process};
    std::stop_source stop;
};

}  // namespace

TEST_CASE("a run that a death cut off goes on at once, a second time at its time", "[sync]") {
    ScheduleScene once(1);
    CHECK(once.soon([&] { return once.teller->pulls == 1; }));
    ScheduleScene twice(2);
    CHECK(twice.soon([&] { return twice.teller->waits == 1; }));
    CHECK(twice.teller->pulls == 0);
}

TEST_CASE("a source's word starts a run without a tick of the schedule", "[sync]") {
    ScheduleScene scene;
    auto& teller = *scene.teller;
    REQUIRE(scene.soon([&] { return teller.pulls == 1 && teller.waits == 1; }));  // what never ran is due at once
    CHECK(teller.waited_from.back() == "1");
    teller.news.request_stop();
    REQUIRE(scene.soon([&] { return teller.news.stop_requested(); }));
    scene.f.timers.advance(1s);  // what comes together is read together
    REQUIRE(scene.soon([&] { return teller.pulls == 2 && teller.waits == 2; }));
    CHECK(teller.cursors.back() == "1");
    CHECK(teller.waited_from.back() == "2");
}

TEST_CASE("a webhook that has news of a stream starts a run of it, also after one that is running", "[sync]") {
    ScheduleScene scene;
    auto& teller = *scene.teller;
    REQUIRE(scene.soon([&] { return teller.pulls == 1 && teller.waits == 1; }));
    CHECK_FALSE(scene.scheduler.wake("mailbox", "another"));
    for (int i = 0; i < 3; ++i) CHECK(scene.scheduler.wake("mailbox", "inbox"));
    REQUIRE(scene.soon([&] { return teller.pulls == 1; }));
    scene.f.timers.advance(1s);  // what comes together is read together
    REQUIRE(scene.soon([&] { return teller.pulls == 2 && teller.waits == 2; }));

    teller.deaf = true;  // one that cannot be listened to is woken too
    teller.news.request_stop();
    scene.turn();
    scene.f.timers.advance(1s);
    REQUIRE(scene.soon([&] { return teller.pulls == 3 && teller.waits == 3; }));
    CHECK(scene.scheduler.wake("mailbox", "inbox"));
    REQUIRE(scene.soon([&] { return teller.pulls == 3; }));
    scene.f.timers.advance(1s);
    REQUIRE(scene.soon([&] { return teller.pulls == 4; }));
}

TEST_CASE("a source that says nothing is pulled by its schedule", "[sync]") {
    ScheduleScene scene;
    auto& teller = *scene.teller;
    REQUIRE(scene.soon([&] { return teller.pulls == 1 && teller.waits == 1; }));
    for (int i = 0; i < 7 && teller.pulls == 1; ++i) {
        const auto waits = teller.waits;
        scene.f.timers.advance(9min);
        REQUIRE(scene.soon([&] { return teller.waits > waits; }));
    }
    CHECK(teller.pulls == 2);
}

TEST_CASE("a source that cannot be listened to is pulled by its schedule and asked again", "[sync]") {
    ScheduleScene scene;
    auto& teller = *scene.teller;
    teller.deaf = true;
    REQUIRE(scene.soon([&] { return teller.pulls == 1 && teller.waits == 1; }));
    scene.f.timers.advance(1min);
    REQUIRE(scene.soon([&] { return teller.waits == 2; }));
    CHECK(teller.pulls == 1);
}

TEST_CASE("a stream that fails is not started by its source at once", "[sync]") {
    ScheduleScene scene;
    auto& teller = *scene.teller;
    teller.broken = true;
    REQUIRE(scene.soon([&] { return teller.pulls == 1; }));
    scene.f.timers.advance(30s);  // the rest after an error
    REQUIRE(scene.soon([&] { return true; }));
    CHECK(teller.waits == 0);
    scene.f.timers.advance(1min);
    REQUIRE(scene.soon([&] { return teller.waits == 1; }));
    CHECK(teller.pulls == 1);
}

TEST_CASE("a clock that is set back by a day does not stop a schedule for a day", "[sync]") {
    ScheduleScene scene;
    auto& teller = *scene.teller;
    REQUIRE(scene.soon([&] { return teller.pulls == 1 && teller.waits == 1; }));
    scene.f.clock.set(scene.f.clock.now() - 24h);
    for (int i = 0; i < 8 && teller.pulls == 1; ++i) {
        const auto waits = teller.waits;
        scene.f.timers.advance(9min);
        REQUIRE(scene.soon([&] { return teller.waits > waits; }));
    }
    CHECK(teller.pulls == 2);
}

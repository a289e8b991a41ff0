#include <catch2/catch.hpp>

#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;

namespace {

std::string ann(const std::string& name, int month) {
    return R"({"name":")" + name + R"(","email":"ann@example.com","at":"2026-0)" + std::to_string(month) +
           R"(-05T10:00:00Z"})";
}

connector::Sink::Outcome failure(Fault fault, bool ambiguous = false) {
    return {fail(fault, "scripted failure"), ambiguous};
}

}  // namespace

TEST_CASE("a delivered customer is remembered under the destination's id", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    f.take("shop", "1", ann("Ann", 1));
    f.round("crm");
    auto& crm = *f.connectors["crm"];
    REQUIRE(crm.pushed.size() == 1);
    CHECK_FALSE(crm.pushed[0].remote_id);
    f.take("shop", "1", ann("Ann Lee", 2));
    f.round("crm");
    REQUIRE(crm.pushed.size() == 2);
    CHECK(crm.pushed[1].remote_id == "r-1");
    CHECK(crm.pushed[1].key != crm.pushed[0].key);
    CHECK(f.stats().destinations.at(0).delivered == 2);
}

TEST_CASE("an id that the destination gave in this round is known to the next item of the lane", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order").on_permanent_failure = OnPermanentFailure::skip;  // so both changes are sent
    auto& crm = *f.connectors["crm"];
    crm.kind = connector::Idempotency::idempotency_key;
    f.take("shop", "1", ann("Ann", 1));
    f.take("shop", "1", ann("Ann Lee", 2));
    f.round("crm");
    REQUIRE(crm.pushed.size() == 2);
    CHECK_FALSE(crm.pushed[0].remote_id);
    CHECK(crm.pushed[1].remote_id == "r-1");
}

TEST_CASE("where states count, a round delivers no two forms of a record, which a crash would send again",
          "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order").on_permanent_failure = OnPermanentFailure::skip;
    auto& crm = *f.connectors["crm"];
    f.take("shop", "1", ann("Ann", 1));
    f.take("shop", "1", ann("Ann Lee", 2));
    f.round("crm");
    CHECK(crm.pushed.size() == 1);
    CHECK(f.stats().destinations.at(0).delivered == 1);
    f.round("crm");
    REQUIRE(crm.pushed.size() == 2);
    CHECK(crm.pushed[1].json.find("Ann Lee") != std::string::npos);
    CHECK(f.stats().destinations.at(0).retried == 0);
}

TEST_CASE("a failed item is tried again with the same key, and a newer form makes it needless", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    auto& crm = *f.connectors["crm"];
    f.take("shop", "1", ann("Ann", 1));
    crm.script.push_back(failure(Fault::transient));
    f.round("crm");
    CHECK(f.round("crm") == 0);  // it waits for its time
    f.clock.advance(10s);
    crm.script.push_back(failure(Fault::transient));
    f.round("crm");
    REQUIRE(crm.pushed.size() == 2);
    CHECK(crm.pushed[0].key == crm.pushed[1].key);
    f.take("shop", "1", ann("Ann Lee", 2));
    f.clock.advance(2min);
    f.round("crm");
    REQUIRE(crm.pushed.size() == 3);
    CHECK(crm.pushed[2].json.find("Ann Lee") != std::string::npos);
    auto stats = f.stats().destinations.at(0);
    CHECK(stats.superseded == 1);
    CHECK(stats.delivered == 1);
    CHECK(stats.queued == 0);
}

TEST_CASE("a newer form goes in the place of the older one, before what needs it over there", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    f.deliver_orders("crm");
    auto& crm = *f.connectors["crm"];
    f.take("shop", "1", ann("Ann", 1));
    f.take_order("shop", "1", "processing");
    f.take("shop", "1", ann("Ann Lee", 2));
    crm.script.push_back(failure(Fault::transient));  // and the place is kept while it waits
    f.round("crm");
    f.clock.advance(10s);
    f.round("crm");
    REQUIRE(crm.pushed.size() == 3);
    CHECK(crm.pushed[1].json.find("Ann Lee") != std::string::npos);
    CHECK(crm.pushed[2].json.find(R"("party":"r-2")") != std::string::npos);
    auto stats = f.stats().destinations.at(0);
    CHECK(stats.superseded == 1);
    CHECK(stats.delivered == 2);
    CHECK(stats.dead == 0);
}

TEST_CASE("a record that is refused goes to the dead letters and holds nobody back", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    f.take("shop", "1", ann("Ann", 1));
    f.connectors["crm"]->script.push_back(failure(Fault::bad_input));
    f.round("crm");
    CHECK(f.stats().destinations.at(0).dead == 1);
    f.take("shop", "1", ann("Ann Lee", 2));
    f.round("crm");
    CHECK(f.stats().destinations.at(0).delivered == 1);
}

TEST_CASE("a batch that is refused whole is halved until the bad record is found", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    auto& crm = *f.connectors["crm"];
    crm.batch = 8;
    for (int i = 0; i < 8; ++i)
        f.take("shop", std::to_string(i),
               R"({"name":"N)" + std::to_string(i) + R"(","at":"2026-01-05T10:00:00Z","email":"n)" + std::to_string(i) +
                   R"(@example.com"})");
    for (int i = 0; i < 8 + 4 + 2; ++i) crm.script.push_back(failure(Fault::bad_input));  // all, a half, a quarter
    crm.script.push_back(failure(Fault::bad_input));                                      // the one
    f.round("crm");
    auto stats = f.stats().destinations.at(0);
    CHECK(stats.dead == 1);
    CHECK(stats.delivered == 7);
}

TEST_CASE("a rate limit pauses the destination and counts against nobody", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    auto& crm = *f.connectors["crm"];
    f.take("shop", "1", ann("Ann", 1));
    connector::Sink::Outcome limited{fail(Error{Fault::rate_limited, "too many calls", "", 90s}), false};
    crm.script.push_back(std::move(limited));
    f.round("crm");
    CHECK(f.stats().destinations.at(0).paused);
    f.clock.advance(60s);
    f.round("crm");
    CHECK(crm.pushed.size() == 1);
    f.clock.advance(31s);
    f.round("crm");
    CHECK(f.stats().destinations.at(0).delivered == 1);
    CHECK(f.stats().destinations.at(0).retried == 0);
}

TEST_CASE("a clock that is set during a push gives nothing up, and a pause lasts as long as it should", "[delivery]") {
    for (const Milliseconds step : {Milliseconds(24h * 30), Milliseconds(-24h * 30)}) {
        WorldFixture f;
        f.deliver("crm", "service.order");  // given up after three days
        auto& crm = *f.connectors["crm"];
        f.take("shop", "1", ann("Ann", 1));
        crm.script.push_back(failure(Fault::transient));
        f.round("crm");
        f.clock.advance(10s);
        crm.before_push = [&] { f.clock.set(f.clock.now() + step); };
        crm.script.push_back(failure(Fault::transient));
        f.round("crm");
        f.clock.advance(2min);
        connector::Sink::Outcome limited{fail(Error{Fault::rate_limited, "too many calls", "", 90s}), false};
        crm.script.push_back(std::move(limited));
        f.round("crm");
        CHECK(crm.pushed.size() == 3);
        CHECK(f.stats().dead_letters == 0);
        crm.before_push = nullptr;
        f.clock.advance(60s);
        f.round("crm");
        CHECK(crm.pushed.size() == 3);
        f.clock.advance(31s);
        f.round("crm");
        CHECK(f.stats().destinations.at(0).delivered == 1);
    }
}

TEST_CASE("an ambiguous outcome is looked up before anything is sent twice", "[delivery]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    auto& crm = *f.connectors["crm"];
    crm.kind = connector::Idempotency::none;
    f.take("shop", "1", ann("Ann", 1));
    crm.script.push_back(failure(Fault::transient, true));
    f.round("crm");
    REQUIRE(crm.pushed.size() == 1);
    crm.arrived[crm.pushed[0].key] = {"r-9", true};
    f.clock.advance(10s);
    f.round("crm");
    CHECK(crm.pushed.size() == 1);
    CHECK(f.stats().destinations.at(0).delivered == 1);
}

TEST_CASE("a withdrawal between queue and send stops the send", "[delivery][consent]") {
    WorldFixture f;
    f.deliver("crm", "marketing.email").channel = consent::Channel::email;
    auto& crm = *f.connectors["crm"];
    auto with = [](const char* news, int day) {
        return R"({"id":"1","name":"Ann","email":"ann@example.com","at":"2025-11-0)" + std::to_string(day) +
               R"(T10:00:00Z","news":")" + news + R"("})";
    };
    f.take("shop", "1", with("granted", 1));
    f.take("shop", "1", with("taken_back", 3));
    f.round("crm");
    f.round("crm");
    CHECK(crm.pushed.empty());
    CHECK(f.stats().withheld == 1);
}

#include <catch2/catch.hpp>

#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;

namespace {

connector::Page page(int from, int to, bool last) {
    connector::Page one;
    for (int i = from; i < to; ++i) {
        auto id = std::to_string(i);
        one.records.push_back({id, R"({"name":"P)" + id + R"(","at":"2026-01-05T10:00:00Z"})", false});
    }
    one.cursor.json = std::to_string(to);
    one.last = last;
    return one;
}

Result<SyncProgress> sync(WorldFixture& f, SyncOptions options = {}) {
    SyncJob job(*f.world, *f.process);
    return run::run_blocking(f.loop, job.run("shop", "people", std::move(options)));
}

std::string checkpoint(WorldFixture& f) {
    return f.read<std::string>([](store::ReadSession& session) -> Result<std::string> {
        TRY(auto found, session.checkpoints().get("shop", "people"));
        return found ? found->cursor : "none";
    });
}

}  // namespace

TEST_CASE("a run that fails in the middle goes on after its last committed page", "[sync]") {
    WorldFixture f;
    auto& shop = *f.connectors["shop"];
    shop.pages.push_back(page(0, 10, false));
    shop.pages.push_back(page(10, 20, false));
    shop.pages.push_back(fail(Fault::bad_config, "the source says no"));
    auto broken = sync(f);
    REQUIRE_FALSE(broken);
    CHECK(broken.error().where.find("shop/people") != std::string::npos);
    CHECK(checkpoint(f) == "20");
    CHECK(f.stats().records == 20);

    shop.pages.push_back(page(20, 25, true));
    auto rest = sync(f);
    REQUIRE(rest);
    CHECK(rest->records == 5);
    CHECK(shop.cursors.back() == "20");
    CHECK(f.stats().records == 25);
    auto runs = f.read<std::vector<store::JobRun>>(
        [](store::ReadSession& session) { return session.jobs().list("shop", "people", 0, 10); });
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].error.empty());
    CHECK_FALSE(runs[1].error.empty());
}

TEST_CASE("a second run of a stream is refused while the first one holds the lease", "[sync]") {
    WorldFixture f;
    REQUIRE(f.store->write([&](store::Session& session) -> Result<void> {
        CHECK_OK(
            session.leases().acquire(lease_name("shop", "people"), "other", std::chrono::minutes{2}, f.clock.now()));
        return {};
    }));
    auto second = sync(f);
    REQUIRE_FALSE(second);
    CHECK(second.error().fault == Fault::conflict);
    f.clock.advance(std::chrono::minutes{3});
    f.connectors["shop"]->pages.push_back(page(0, 1, true));
    CHECK(sync(f));
}

TEST_CASE("paging that never ends is found out", "[sync]") {
    WorldFixture f;
    connector::Page stuck;
    stuck.cursor.json = "7";
    for (int i = 0; i < 3; ++i) {
        connector::Page copy;
        copy.cursor = stuck.cursor;
        f.connectors["shop"]->pages.push_back(std::move(copy));
    }
    auto run = sync(f);
    REQUIRE_FALSE(run);
    CHECK(run.error().what.find("never ends") != std::string::npos);
}

TEST_CASE("rows that cannot be read are quarantined with their position", "[sync]") {
    WorldFixture f;
    auto one = page(0, 2, true);
    one.broken.push_back({"line 17", "a,b\"c", {Fault::bad_input, "a stray quote", ""}});
    f.connectors["shop"]->pages.push_back(std::move(one));
    auto run = sync(f);
    REQUIRE(run);
    CHECK(run->quarantined == 1);
    auto letters = f.read<std::vector<store::DeadLetter>>(
        [](store::ReadSession& session) { return session.dead_letters().list({}, 0, 10); });
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].stage == "read");
    CHECK(letters[0].cause.find("line 17") != std::string::npos);
}

// The refresh protocol carried out for one connection, against a scripted provider and a grant store in memory.
#include <catch2/catch.hpp>

#include "tests/unit/connector/grant_world.hpp"

using namespace tributary;
using namespace tributary::connector;
using namespace std::chrono_literals;

TEST_CASE("a login is found again by the next process and renewed before its end, rotated tokens first on disk",
          "[oauth]") {
    GrantWorld world;
    const auto nobody = world.call();
    REQUIRE_FALSE(nobody);
    CHECK(nobody.error().error.fault == Fault::unauthorized);
    CHECK(nobody.error().error.what.contains("tributary connection login crm"));
    world.log_in();
    world.start();
    world.expect_me("a1");
    CHECK(world.call());
    world.clock.advance(55min);
    world.expect_refresh("r1", 200, token_answer("a2", "r2"));
    // The new tokens are on disk before they are used: a crash at that moment loses nothing.
    world.http.script.push_back({.url = "https://api.example.com/me?base=eu",
                                 .headers = {{"Authorization", "Bearer a2"}},
                                 .failure = net::HttpFailure{{Fault::transient, "cut"}, true}});
    CHECK_FALSE(world.call());
    world.start();
    world.expect_me("a2");
    CHECK(world.call());
    CHECK(world.state().version == 2);
    world.clock.advance(2h);
    world.expect_refresh("r2", 200, R"({"access_token":"a3","expires_in":3600,"instance_url":"eu"})");
    world.expect_me("a3");
    CHECK(world.call());
    // No new refresh token: the one before stays.
    world.clock.advance(2h);
    world.expect_refresh("r2", 200, token_answer("a4", "r4"));
    world.expect_me("a4");
    CHECK(world.call());
    CHECK(world.http.script.empty());
}

TEST_CASE("a token that is refused early is renewed once", "[oauth]") {
    GrantWorld world;
    world.log_in();
    world.expect_me("a1", 401);
    world.expect_refresh("r1", 200, token_answer("a2", "r2"));
    world.expect_me("a2");
    CHECK(world.call());
    CHECK(world.http.script.empty());
}

TEST_CASE("a refused refresh token needs a login, is not sent again, and a login or a new seed mends it", "[oauth]") {
    GrantWorld world;
    world.log_in();
    world.clock.advance(2h);
    world.expect_refresh("r1", 400, R"({"error":"invalid_grant"})");
    for (int i = 0; i < 3; ++i) {
        const auto failed = world.call();
        REQUIRE_FALSE(failed);
        CHECK(failed.error().error.fault == Fault::unauthorized);
        CHECK(failed.error().error.what.contains("tributary connection login crm"));
    }
    CHECK(world.state().phase == vault::GrantPhase::needs_login);
    SECTION("a login") {
        world.log_in();
        world.expect_me("a1");
        CHECK(world.call());
    }
    SECTION("a seed") {
        world.set("refresh_token", "seed-1");
        world.expect_refresh("seed-1", 200, token_answer("a5", "r5"));
        world.expect_me("a5");
        CHECK(world.call());
        // The same seed is not used twice.
        world.clock.advance(2h);
        world.expect_refresh("r5", 200, token_answer("a6", "r6"));
        world.expect_me("a6");
        CHECK(world.call());
    }
    CHECK(world.http.script.empty());
}

TEST_CASE("a provider's own word for a dead refresh token is as final as invalid_grant", "[oauth]") {
    const auto answer = GENERATE(as<std::string>{}, R"({"ok":false,"error":"gone"})", R"({"ok":false,"error":"busy"})");
    const bool dead = answer.contains("gone");
    GrantWorld world("retry", "ended: { status: 200, body: { path: error, equals: gone } }");
    world.log_in();
    world.clock.advance(2h);
    world.expect_refresh("r1", 200, answer);
    CHECK_FALSE(world.call());
    CHECK((world.state().phase == vault::GrantPhase::needs_login) == dead);
    // Dead, it is not sent again.
    if (dead) CHECK_FALSE(world.call());
    CHECK(world.http.script.empty());
}

TEST_CASE("a token that still works is used when its renewal fails", "[oauth]") {
    GrantWorld world;
    world.log_in();
    world.clock.advance(52min);
    world.expect_refresh("r1", 503, "{}");
    world.expect_me("a1");
    CHECK(world.call());
    world.expect_me("a1");  // not asked again at once
    CHECK(world.call());
    CHECK(world.state().phase == vault::GrantPhase::idle);
    world.clock.advance(1min);
    world.expect_refresh("r1", 200, token_answer("a2", "r2"));
    world.expect_me("a2");
    CHECK(world.call());
}

TEST_CASE("a lost answer is asked for again, or never, as the file says", "[oauth]") {
    const bool retry = GENERATE(true, false);
    GrantWorld world(retry ? "retry" : "log_in_again");
    world.log_in();
    world.clock.advance(2h);
    world.http.script.push_back(
        {.url = "https://login.example.com/token", .failure = net::HttpFailure{{Fault::transient, "timed out"}, true}});
    CHECK_FALSE(world.call());
    CHECK(world.state().phase == vault::GrantPhase::refreshing);
    world.start();
    if (retry) {
        world.expect_refresh("r1", 200, token_answer("a2", "r2"));
        world.expect_me("a2");
        CHECK(world.call());
    } else {
        const auto failed = world.call();
        REQUIRE_FALSE(failed);
        CHECK(failed.error().error.fault == Fault::unauthorized);
        CHECK(world.state().phase == vault::GrantPhase::needs_login);
    }
    CHECK(world.http.script.empty());
}

TEST_CASE("what was never sent may be sent again", "[oauth]") {
    GrantWorld world("log_in_again");
    world.log_in();
    world.clock.advance(2h);
    world.http.script.push_back({.url = "https://login.example.com/token",
                                 .failure = net::HttpFailure{{Fault::transient, "not reached"}, false}});
    CHECK_FALSE(world.call());
    world.expect_refresh("r1", 200, token_answer("a2", "r2"));
    world.expect_me("a2");
    CHECK(world.call());
}

TEST_CASE("an operator who sets another field at that moment loses no token", "[oauth]") {
    GrantWorld world;
    world.log_in();
    world.clock.advance(2h);
    bool once = true;
    world.stored.before_save = [&] {
        if (std::exchange(once, false)) world.set("note", "x");
    };
    world.expect_refresh("r1", 200, token_answer("a2", "r2"));
    world.expect_me("a2");
    CHECK(world.call());
    CHECK(world.vault.get("crm", "note"));
}

TEST_CASE("tokens of another token endpoint are never sent to this one", "[oauth]") {
    GrantWorld world;
    world.log_in();
    vault::SecretFields fields;
    fields.emplace("oauth.issuer", crypto::SecretBytes("https://evil.example.com/token"));
    REQUIRE(world.vault.update("crm", std::move(fields)));
    const auto failed = world.call();
    REQUIRE_FALSE(failed);
    CHECK(failed.error().error.fault == Fault::bad_config);
    CHECK(world.http.script.empty());
}

TEST_CASE("no log line of a login or a renewal holds a token", "[oauth]") {
    GrantWorld world;
    world.log_in();
    world.clock.advance(2h);
    world.expect_refresh("r1", 400, R"({"error":"invalid_grant","error_description":"r1 is no good"})");
    CHECK_FALSE(world.call());
    const auto all = world.log.captured();
    CHECK(all.contains("login needed"));
    CHECK_FALSE(all.contains("r1"));
    CHECK_FALSE(all.contains("s3cret"));
}

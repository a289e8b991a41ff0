// A login in a browser, against a scripted provider: the page that a person opens, and what comes back.
#include <catch2/catch.hpp>

#include "tests/unit/connector/grant_world.hpp"

using namespace tributary;
using namespace tributary::connector;
using namespace std::chrono_literals;

TEST_CASE("a provider that signs what the browser brings back is believed that alone", "[oauth]") {
    // The published example of Shopify's documentation, at its time.
    constexpr std::string_view kQuery =
        "code=0907a61c0c8d55e99db179b68161bc00&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf&"
        "shop="
        "some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173";
    GrantWorld world(
        "retry",
        R"(callback: { type: hmac, signature: "{query.hmac}", over: "{signed_query.hmac}", key: "{credentials.client_secret}", timestamp: { from: "{query.timestamp}", tolerance: 90s, future: 90s } })");
    world.set("client_secret", "hush");
    world.clock.set(Timestamp(1337178173s));
    DeclarativeLogin login(*world.exchange);
    const auto redeem = [&](std::string query) {
        const auto back = read_redirect(query, "0.6784241404160823");
        REQUIRE(back);
        return run::run_blocking(world.loop,
                                 login.redeem(*back, {.redirect_uri = "https://app.example.com/auth/callback"}));
    };
    const auto refused = [&](std::string query, std::string_view reason) {
        const auto done = redeem(std::move(query));
        REQUIRE_FALSE(done);
        CHECK(done.error().fault == Fault::unauthorized);
        INFO(done.error().what);
        CHECK(done.error().what.contains(reason));
        CHECK_FALSE(done.error().what.contains("0907a61c"));
    };
    std::string other(kQuery);
    refused(other.replace(other.find("some-shop"), 4, "evil"), "signature_mismatch");
    refused(std::string(kQuery) + "&extra=1", "signature_mismatch");
    refused(std::string(kQuery) + "&shop=evil-shop.myshopify.com", "signature_missing");
    refused("code=c&state=0.6784241404160823", "signature_missing");
    world.clock.advance(91s);
    refused(std::string(kQuery), "timestamp_stale");
    world.clock.advance(-182s);
    refused(std::string(kQuery), "timestamp_future");
    CHECK(world.http.asked.empty());

    world.clock.advance(91s);
    world.http.script.push_back(
        {.method = "POST",
         .url = "https://login.example.com/token",
         .answer = {.status = 200, .body = R"({"access_token":"a1","scope":"read","instance_url":"eu"})"}});
    const auto done = redeem(std::string("https://app.example.com/auth/callback?").append(kQuery));
    INFO((done ? "" : done.error().text()));
    REQUIRE(done);
    CHECK_FALSE(done->renewable);
}

TEST_CASE("a provider without refresh tokens exchanges the access token for a longer one", "[oauth]") {
    GrantWorld world("retry", "exchange: fb_exchange_token");
    const auto exchange = [&](const std::string& token, int status, std::string body) {
        world.expect("grant_type=fb_exchange_token&client_id=cid&client_secret=s3cret&fb_exchange_token=" + token,
                     status, std::move(body));
    };
    // At once after the login: what the code gave is good for an hour.
    exchange("a1", 200, R"({"access_token":"long","expires_in":86400,"instance_url":"eu"})");
    DeclarativeLogin login(*world.exchange);
    world.http.script.insert(
        world.http.script.begin(),
        {.method = "POST",
         .url = "https://login.example.com/token",
         .answer = {.status = 200, .body = R"({"access_token":"a1","expires_in":3600,"instance_url":"eu"})"}});
    const auto done = run::run_blocking(
        world.loop, login.redeem({"c-1", "code=c-1"}, {.redirect_uri = "http://127.0.0.1:8765/callback"}));
    INFO((done ? "" : done.error().text()));
    REQUIRE(done);
    CHECK(done->renewable);
    world.expect_me("long");
    REQUIRE(world.call());
    // Before it ends it is exchanged for itself; another process finds what came of it.
    world.clock.advance(21h);
    exchange("long", 200, R"({"access_token":"longer","expires_in":86400,"instance_url":"eu"})");
    world.expect_me("longer");
    REQUIRE(world.call());
    world.start();
    world.expect_me("longer");
    REQUIRE(world.call());
    CHECK(world.http.script.empty());
    // One that is refused cannot be renewed by itself.
    world.clock.advance(21h);
    exchange("longer", 401, R"({"error":{"code":190}})");
    world.expect_me("longer");
    CHECK(world.call());
    CHECK(world.state().phase == vault::GrantPhase::needs_login);
}

TEST_CASE("the page of a login carries state, challenge and what the file adds, and no secret", "[oauth]") {
    GrantWorld world;
    DeclarativeLogin login(*world.exchange);
    const auto begun = login.begin_browser(login.redirect_uri().value());
    REQUIRE(begun);
    CHECK(
        begun->url.starts_with("https://login.example.com/authorize?response_type=code&redirect_uri=http%3A%2F%2F127"
                               ".0.0.1%3A8765%2Fcallback&client_id=cid&scope=read%20write&access_type=offline&state=" +
                               begun->state + "&code_challenge=" + s256(begun->code_verifier)));
    CHECK(begun->url.ends_with("&code_challenge_method=S256"));
    CHECK_FALSE(begun->url.contains("s3cret"));
    CHECK(begun->code_verifier.size() >= 43);
    CHECK(login.begin_browser("x")->state != begun->state);
}

// The refresh protocol carried out for one connection, against a scripted provider and a grant store in memory.
#include <catch2/catch.hpp>

#include "gateway/connector/declarative/declarative_login.hpp"
#include "gateway/spec/load.hpp"
#include "tests/fakes/memory_grants.hpp"
#include "tests/fakes/scripted_http.hpp"
#include "tests/unit/vault/fixture.hpp"

using namespace tributary;
using namespace tributary::connector;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kDefinition = R"(
base_url: https://api.example.com
allowed_hosts: [api.example.com, login.example.com]
auth:
  type: oauth2
  grant: authorization_code
  authorize_url: https://login.example.com/authorize
  device_url: https://login.example.com/device
  token_url: https://login.example.com/token
  client_id: "{credentials.client_id}"
  client_secret: "{credentials.client_secret}"
  scope: read write
  authorize_parameters: { access_type: offline }
  refresh_token: "{credentials.refresh_token?}"
  save: { base: instance_url }
  lost_answer: LOST
check: { path: /me, query: { base: "{session.base}" } }
)";

struct World {
    vault::Keys keys;
    vault::MemorySecretStore secrets;
    fakes::MemoryGrants stored{secrets};
    FakeClock clock;
    run::FakeTimers timers{clock};
    run::Loop loop{"test"};  // outlives the pool, whose thread lets go of it last
    run::Pool pool{"blocking", 1};
    Log log{LogLevel::debug, Log::Target::memory};
    vault::Vault vault{secrets, keys.ring, keys.random, clock};
    vault::Grants grants{stored, vault, clock};
    fakes::ScriptedHttp http;
    Definition definition;
    std::optional<Exchange> exchange;

    // `more`: further lines of the auth, such as how the provider signs what the browser brings back.
    explicit World(std::string lost = "retry", std::string more = "") {
        std::string yaml(kDefinition);
        yaml.replace(yaml.find("LOST"), 4, lost + (more.empty() ? "" : "\n  " + more));
        spec::Problems problems;
        auto read = spec::load_text<Definition>(yaml, "test.yaml", problems);
        if (read) read->check_all(nullptr, problems);
        INFO(problems.text());
        REQUIRE(problems.ok());
        definition = *std::move(read);
        set("client_id", "cid");
        set("client_secret", "s3cret");
        start();
    }
    // As another process would see it: nothing in memory.
    void start() {
        Setup setup{.connection = "crm",
                    .grants = &grants,
                    .grant_name = "crm",
                    .http = http,
                    .timers = timers,
                    .blocking = pool,
                    .random = keys.random,
                    .log = log};
        setup.credential = [this](std::string_view field) { return vault.get("crm", field); };
        exchange.emplace(definition, std::move(setup), nullptr);
        REQUIRE(exchange->prepare());
    }
    void set(const std::string& field, std::string_view text) {
        vault::SecretFields fields;
        fields.emplace(field, crypto::SecretBytes(text));
        REQUIRE(vault.update("crm", std::move(fields)));
    }
    void expect(std::string form, int status, std::string body) {
        http.script.push_back({.method = "POST",
                               .url = "https://login.example.com/token",
                               .body = std::move(form),
                               .answer = {.status = status, .body = std::move(body)}});
    }
    void expect_refresh(const std::string& token, int status, std::string body) {
        expect("grant_type=refresh_token&client_id=cid&client_secret=s3cret&refresh_token=" + token, status,
               std::move(body));
    }
    void expect_me(const std::string& token, int status = 200) {
        http.script.push_back({.url = "https://api.example.com/me?base=eu",
                               .headers = {{"Authorization", "Bearer " + token}},
                               .answer = {.status = status, .body = "{}"}});
    }
    Exchange::Outcome call() {
        return run::run_blocking(loop, exchange->call(*definition.check, exchange->scope(), {}));
    }
    void log_in() {
        DeclarativeLogin login(*exchange);
        expect(
            "grant_type=authorization_code&client_id=cid&client_secret=s3cret&code=c-1&redirect_uri=http%3A%2F%2F"
            "127.0.0.1%3A8765%2Fcallback&code_verifier=v-1",
            200, R"({"access_token":"a1","refresh_token":"r1","expires_in":3600,"instance_url":"eu"})");
        const auto done = run::run_blocking(
            loop, login.redeem({"c-1", "code=c-1"},
                               {.redirect_uri = "http://127.0.0.1:8765/callback", .code_verifier = "v-1"}));
        INFO((done ? "" : done.error().text()));
        REQUIRE(done);
        CHECK(done->renewable);
    }
    vault::GrantState state() { return stored.rows.at("crm"); }
};

std::string token(std::string_view access, std::string_view refresh) {
    return R"({"access_token":")" + std::string(access) + R"(","refresh_token":")" + std::string(refresh) +
           R"(","expires_in":3600,"instance_url":"eu"})";
}

}  // namespace

TEST_CASE("a provider that signs what the browser brings back is believed that alone", "[oauth]") {
    // The published example of Shopify's documentation, at its time.
    constexpr std::string_view kQuery =
        "code=0907a61c0c8d55e99db179b68161bc00&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf&"
        "shop="
        "some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173";
    World world(
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
    World world("retry", "exchange: fb_exchange_token");
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
    World world;
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

TEST_CASE("a login is found again by the next process and renewed before its end, rotated tokens first on disk",
          "[oauth]") {
    World world;
    const auto nobody = world.call();
    REQUIRE_FALSE(nobody);
    CHECK(nobody.error().error.fault == Fault::unauthorized);
    CHECK(nobody.error().error.what.contains("tributary connection login crm"));
    world.log_in();
    world.start();
    world.expect_me("a1");
    CHECK(world.call());
    world.clock.advance(55min);
    world.expect_refresh("r1", 200, token("a2", "r2"));
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
    world.expect_refresh("r2", 200, token("a4", "r4"));
    world.expect_me("a4");
    CHECK(world.call());
    CHECK(world.http.script.empty());
}

TEST_CASE("a token that is refused early is renewed once", "[oauth]") {
    World world;
    world.log_in();
    world.expect_me("a1", 401);
    world.expect_refresh("r1", 200, token("a2", "r2"));
    world.expect_me("a2");
    CHECK(world.call());
    CHECK(world.http.script.empty());
}

TEST_CASE("a refused refresh token needs a login, is not sent again, and a login or a new seed mends it", "[oauth]") {
    World world;
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
        world.expect_refresh("seed-1", 200, token("a5", "r5"));
        world.expect_me("a5");
        CHECK(world.call());
        // The same seed is not used twice.
        world.clock.advance(2h);
        world.expect_refresh("r5", 200, token("a6", "r6"));
        world.expect_me("a6");
        CHECK(world.call());
    }
    CHECK(world.http.script.empty());
}

TEST_CASE("a token that still works is used when its renewal fails", "[oauth]") {
    World world;
    world.log_in();
    world.clock.advance(52min);
    world.expect_refresh("r1", 503, "{}");
    world.expect_me("a1");
    CHECK(world.call());
    world.expect_me("a1");  // not asked again at once
    CHECK(world.call());
    CHECK(world.state().phase == vault::GrantPhase::idle);
    world.clock.advance(1min);
    world.expect_refresh("r1", 200, token("a2", "r2"));
    world.expect_me("a2");
    CHECK(world.call());
}

TEST_CASE("a lost answer is asked for again, or never, as the file says", "[oauth]") {
    const bool retry = GENERATE(true, false);
    World world(retry ? "retry" : "log_in_again");
    world.log_in();
    world.clock.advance(2h);
    world.http.script.push_back(
        {.url = "https://login.example.com/token", .failure = net::HttpFailure{{Fault::transient, "timed out"}, true}});
    CHECK_FALSE(world.call());
    CHECK(world.state().phase == vault::GrantPhase::refreshing);
    world.start();
    if (retry) {
        world.expect_refresh("r1", 200, token("a2", "r2"));
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
    World world("log_in_again");
    world.log_in();
    world.clock.advance(2h);
    world.http.script.push_back({.url = "https://login.example.com/token",
                                 .failure = net::HttpFailure{{Fault::transient, "not reached"}, false}});
    CHECK_FALSE(world.call());
    world.expect_refresh("r1", 200, token("a2", "r2"));
    world.expect_me("a2");
    CHECK(world.call());
}

TEST_CASE("an operator who sets another field at that moment loses no token", "[oauth]") {
    World world;
    world.log_in();
    world.clock.advance(2h);
    bool once = true;
    world.stored.before_save = [&] {
        if (std::exchange(once, false)) world.set("note", "x");
    };
    world.expect_refresh("r1", 200, token("a2", "r2"));
    world.expect_me("a2");
    CHECK(world.call());
    CHECK(world.vault.get("crm", "note"));
}

TEST_CASE("tokens of another token endpoint are never sent to this one", "[oauth]") {
    World world;
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
    World world;
    world.log_in();
    world.clock.advance(2h);
    world.expect_refresh("r1", 400, R"({"error":"invalid_grant","error_description":"r1 is no good"})");
    CHECK_FALSE(world.call());
    const auto all = world.log.captured();
    CHECK(all.contains("login needed"));
    CHECK_FALSE(all.contains("r1"));
    CHECK_FALSE(all.contains("s3cret"));
}

// A connection whose tokens a person granted: a scripted provider, a grant store in memory, and what the two say.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "gateway/connector/declarative/declarative_login.hpp"
#include "gateway/spec/load.hpp"
#include "tests/fakes/memory_grants.hpp"
#include "tests/fakes/scripted_http.hpp"
#include "tests/unit/vault/fixture.hpp"

namespace tributary::connector {

inline constexpr std::string_view kGrantDefinition = R"(
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

struct GrantWorld {
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
    explicit GrantWorld(std::string lost = "retry", std::string more = "") {
        std::string yaml(kGrantDefinition);
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

inline std::string token_answer(std::string_view access, std::string_view refresh) {
    return R"({"access_token":")" + std::string(access) + R"(","refresh_token":")" + std::string(refresh) +
           R"(","expires_in":3600,"instance_url":"eu"})";
}

}  // namespace tributary::connector

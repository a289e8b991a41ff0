#include "gateway/connector/declarative/exchange_tokens.hpp"

#include <catch2/catch.hpp>

#include "gateway/spec/load.hpp"
#include "gateway/value/json.hpp"
#include "tests/fakes/scripted_http.hpp"
#include "tests/unit/connector/setup_world.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

constexpr std::string_view kLogins = R"(
auth:
  - { type: oauth2, when: { login: app }, grant: client_credentials, token_url: "{settings.token_url}", client_id: a, client_secret: b }
)";

struct Tokens : SetupWorld {
    fakes::ScriptedHttp http;

    Result<std::shared_ptr<TokenSource>> make(std::string_view settings) {
        spec::Problems problems;
        auto definition = spec::load_text<Definition>(kLogins, "test.yaml", problems);
        REQUIRE(problems.ok());
        auto out = setup(http);
        out.settings = value::parse_json(settings).value();
        return ExchangeTokens::make(std::make_shared<const Definition>(*std::move(definition)), std::move(out));
    }
    void give(const std::string& token) {
        http.script.push_back(
            {.answer = {.status = 200, .body = R"({"access_token":")" + token + R"(","expires_in":3600})"}});
    }
    std::string token(TokenSource& source) {
        const auto got = run::run_blocking(loop, source.token());
        return got ? std::string(got->reveal()) : got.error().text();
    }
};

}  // namespace

TEST_CASE("a token is kept while it lives, and asked for anew once it was refused", "[exchange]") {
    Tokens tokens;
    const auto source = tokens.make(R"({"login":"app","token_url":"https://login.example.com/token"})").value();
    REQUIRE(source);
    CHECK(source->login() == nullptr);
    tokens.give("one");
    CHECK(tokens.token(*source) == "one");
    CHECK(tokens.token(*source) == "one");
    source->refused(crypto::SecretBytes("one"));
    tokens.give("two");
    CHECK(tokens.token(*source) == "two");
    // Whoever still had the old one tells nothing new.
    source->refused(crypto::SecretBytes("one"));
    CHECK(tokens.token(*source) == "two");
    tokens.clock.advance(std::chrono::hours(2));
    tokens.give("three");
    CHECK(tokens.token(*source) == "three");
}

TEST_CASE("without a login that goes with the settings there are no tokens", "[exchange]") {
    Tokens tokens;
    CHECK(tokens.make(R"({"login":"password"})").value() == nullptr);
    const auto broken = tokens.make(R"({"login":"app","token_url":"no url"})");
    REQUIRE_FALSE(broken);
    CHECK(broken.error().fault == Fault::bad_config);
}

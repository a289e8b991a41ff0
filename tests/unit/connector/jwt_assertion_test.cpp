#include "gateway/connector/declarative/jwt_assertion.hpp"

#include <catch2/catch.hpp>

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/auth.hpp"
#include "gateway/spec/load.hpp"
#include "gateway/value/json.hpp"
#include "tests/fakes/rsa_key.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

Scope scope_of(std::string pem) {
    Scope scope;
    scope.bind("credentials", [pem](std::string_view field) -> Result<std::optional<std::string>> {
        return field == "key" ? std::optional(pem) : std::nullopt;
    });
    return scope.bind("nonce", std::string("n-1"));
}

}  // namespace

TEST_CASE("a JWT assertion holds its claims, its time and a signature that fits", "[jwt]") {
    spec::Problems problems;
    const auto assertion = spec::load_text<JwtAssertion>(
        R"({ key: "{credentials.key}", key_id: k7, claims: { iss: client, aud: "https://login.example.com" }, lifetime: 2m })",
        "test.yaml", problems);
    INFO(problems.text());
    REQUIRE(assertion);
    const fakes::RsaPair pair;
    const auto token = assertion->make(scope_of(pair.pem()), Timestamp{std::chrono::seconds{1767607200}}).value();
    const auto parts = split(token, '.');
    REQUIRE(parts.size() == 3);
    CHECK(from_base64(parts[0]).value() == R"({"alg":"RS256","typ":"JWT","kid":"k7"})");
    CHECK(from_base64(parts[1]).value() ==
          R"({"iss":"client","aud":"https://login.example.com","iat":1767607200,"exp":1767607320,"jti":"n-1"})");
    CHECK(pair.verifies(token.substr(0, token.rfind('.')), from_base64(parts[2]).value()));
    CHECK(assertion->make(scope_of("no key"), Timestamp{}).error().fault == Fault::bad_config);
}

TEST_CASE("the jwt_bearer grant asks for a token with an assertion, and needs one", "[jwt]") {
    spec::Problems problems;
    const auto auth = spec::load_text<Auth>(
        R"({ type: oauth2, grant: jwt_bearer, token_url: "https://login.example.com/token", assertion: { key: "{credentials.key}", claims: {} } })",
        "test.yaml", problems);
    INFO(problems.text());
    REQUIRE(auth);
    const auto& session = std::get<SessionAuth>(auth->steps.at(0));
    REQUIRE(session.login.form);
    REQUIRE(session.assertion);
    Scope scope = scope_of("");
    scope.bind("assertion", std::string("a.b.c"));
    const auto form = fill(*session.login.form, scope, Place::text).value();
    CHECK(form == std::vector<std::pair<std::string, std::string>>{
                      {"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", "a.b.c"}});
    for (const auto* wrong : {R"({ type: oauth2, grant: jwt_bearer, token_url: "https://l/t" })",
                              R"({ type: oauth2, grant: client_credentials, token_url: "https://l/t" })"}) {
        spec::Problems found;
        CHECK_FALSE(spec::load_text<Auth>(wrong, "test.yaml", found));
        CHECK_FALSE(found.ok());
    }
}

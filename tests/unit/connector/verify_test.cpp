#include "gateway/connector/declarative/verify.hpp"

#include <catch2/catch.hpp>

#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/connector/declarative/challenge.hpp"
#include "gateway/connector/declarative/verify_entities.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/spec/load.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

const Timestamp kCheckedAt{std::chrono::seconds{1750000000}};

Verify verify_of(std::string_view yaml) {
    spec::Problems problems;
    auto verify = spec::load_text<Verify>(yaml, "test.yaml", problems);
    INFO(problems.text());
    REQUIRE(problems.ok());
    verify->check(signature_names(), problems);
    CHECK(problems.ok());
    return *std::move(verify);
}

std::string problems_of_verify(std::string_view yaml) {
    spec::Problems problems;
    auto verify = spec::load_text<Verify>(yaml, "test.yaml", problems);
    if (verify) verify->check(signature_names({"secret"}), problems);
    return problems.text();
}

SecretReader secrets(std::string text) {
    return [text](std::string_view) -> Result<crypto::SecretBytes> { return crypto::SecretBytes(text); };
}

std::string outcome(const Verify& verify, const InboundRequest& request, SecretReader reader) {
    SignatureValues values(request, std::move(reader));
    auto done = verify.verify(values, kCheckedAt);
    return done ? "accepted" : done.error().what;
}

constexpr std::string_view kPlain = R"({ type: hmac, over: "{body}", header: X-Sign, key: "{credentials.secret}" })";

}  // namespace

TEST_CASE("each of ten secrets is tried, more are a configuration error", "[verify][req8]") {
    auto verify = verify_of(kPlain);
    std::string all;
    for (int i = 0; i < 10; ++i) all += "secret-" + std::to_string(i) + "\r\n";
    for (int i = 0; i < 10; ++i) {
        auto code = crypto::hmac(crypto::Hash::sha256, "secret-" + std::to_string(i), "text");
        CHECK(outcome(verify, {"POST", "", "/", {{"x-sign", to_hex(code)}}, "text"}, secrets(all)) == "accepted");
    }
    InboundRequest request{"POST", "", "/", {{"x-sign", std::string(64, '0')}}, "text"};
    CHECK(outcome(verify, request, secrets(all)) == kSignatureMismatch);
    CHECK(outcome(verify, request, secrets(all + "one more")) == "at most 10 secrets are tried, one a line");
}

TEST_CASE("an empty or missing secret refuses everything, also what was signed with nothing", "[verify][req8]") {
    auto verify = verify_of(kPlain);
    InboundRequest request{
        "POST", "", "/", {{"x-sign", to_hex(crypto::hmac(crypto::Hash::sha256, "", "text"))}}, "text"};
    CHECK(outcome(verify, request, secrets("")).contains("the secret is empty"));
    CHECK(outcome(verify, request, secrets("\n\n")).contains("the secret is empty"));
    CHECK(outcome(verify, request, {}).contains("has no credentials"));
    auto decoded = verify_of(
        R"({ type: hmac, over: "{body}", header: X-Sign, key: "{credentials.secret}", key_encoding: base64, key_prefix: whsec_ })");
    CHECK(outcome(decoded, request, secrets("whsec_")).contains("a secret is empty or not in the encoding"));
    CHECK(outcome(decoded, request, secrets("whsec_!")).contains("a secret is empty or not in the encoding"));
    auto token = verify_of(R"({ type: static, value: "{header.x-token}", key: "{credentials.secret}" })");
    CHECK(outcome(token, {"POST", "", "/", {{"x-token", ""}}, ""}, secrets("")) == kSignatureMissing);
}

// The published example of Shopify's documentation.
TEST_CASE("the query of an app proxy is checked, and each way to read it twice is refused", "[verify]") {
    const auto verify = verify_of(
        R"({ type: hmac, signature: "{query.signature}", over: "{joined_query.signature}", key: "{credentials.secret}" })");
    const std::string query =
        "extra=1&extra=2&shop=shop-name.myshopify.com&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555&"
        "signature="
        "a9718877bea71c2484f91608a7eaea1532bdf71f5c56825065fa4ccabe549ef3";
    const auto judged = [&](const std::string& text) {
        return outcome(verify, {"GET", "https://app.example.com/proxy?" + text, "/proxy?" + text, {}, ""},
                       secrets("hush"));
    };
    CHECK(judged(query) == "accepted");
    for (const auto* more :
         {"&a=1", "&extra=3", "&timestamp=1317327555", "&shop=evil", "&signature=00", "&hmac=0&hmac=0"})
        CHECK(judged(query + more) != "accepted");
    auto other = query;
    CHECK(judged(other.replace(other.find("extra=2"), 7, "extra=3")) == kSignatureMismatch);
    CHECK(judged("shop=shop-name.myshopify.com") == kSignatureMissing);
    CHECK(judged("") == kSignatureMissing);
}

TEST_CASE("no refusal holds the secret or the signature", "[verify][req8][req20]") {
    SignatureValues values(InboundRequest{}, secrets("canary-secret"));
    for (auto yaml : {kPlain, std::string_view(
                                  R"({ type: ecdsa, over: "{body}", header: X-Sign, key: "{credentials.secret}" })")}) {
        InboundRequest request{"POST", "", "/", {{"x-sign", "aabb"}}, "canary-body"};
        SignatureValues asked(request, secrets("canary-secret"));
        auto done = verify_of(yaml).verify(asked, kCheckedAt);
        REQUIRE_FALSE(done);
        CHECK_FALSE(done.error().text().contains("canary"));
        CHECK_FALSE(done.error().text().contains("aabb"));
    }
}

TEST_CASE("basic auth, query parameters and lists of parts are in the vocabulary", "[verify]") {
    auto basic =
        verify_of(R"({ type: static, value: "{header.authorization}", key: "Basic {credentials.login|base64}" })");
    CHECK(outcome(basic, {"POST", "", "/", {{"Authorization", "Basic " + to_base64("me:pass")}}, ""},
                  secrets("me:pass")) == "accepted");
    CHECK(outcome(basic, {"POST", "", "/", {{"Authorization", "Basic " + to_base64("me:pasx")}}, ""},
                  secrets("me:pass")) == kSignatureMismatch);
    auto query = verify_of(R"({ type: static, value: "{query.code}", key: "{credentials.code}" })");
    CHECK(outcome(query, {"POST", "", "/in?a=1&code=k%20y", {}, ""}, secrets("k y")) == "accepted");
    CHECK(outcome(query, {"POST", "", "/in?code=%zz", {}, ""}, secrets("k y")) == kSignatureMissing);
    // WeChat and its kin: the token, the time and the nonce in the order of their bytes.
    auto sorted = verify_of(R"({ type: hash, algorithm: sha1, sorted: ["{key}", "{query.timestamp}", "{query.nonce}"],
                                 signature: "{query.signature}", key: "{credentials.token}" })");
    auto target = "/w?signature=f21891de399b4e33a1a93c9a7b8a8fffb5a443ff&timestamp=1410685589&nonce=test";
    CHECK(outcome(sorted, {"GET", "", target, {}, ""}, secrets("test")) == "accepted");
    CHECK(outcome(sorted, {"GET", "", target, {}, ""}, secrets("tesu")) == kSignatureMismatch);
}

TEST_CASE("none must say why, and a mistake in verify is told with its place", "[verify]") {
    CHECK(verify_of("{ type: none, because: the platform signs nothing }").open());
    CHECK(problems_of_verify("{ type: none }").contains("because"));
    CHECK(problems_of_verify(R"({ type: hmac, over: "{body}", key: "{credentials.secret}" })")
              .contains("header or signature"));
    CHECK(problems_of_verify(R"({ type: hmac, header: X, key: "{credentials.secret}" })").contains("over or sorted"));
    CHECK(problems_of_verify(R"({ type: hmac, over: "{body}", header: X, key: written-out })")
              .contains("must name a credential"));
    CHECK(problems_of_verify(R"({ type: hash, over: "{body}", header: X, key: "{credentials.secret}" })")
              .contains("{key}"));
    CHECK(problems_of_verify(R"({ type: hmac, over: "{timestamp}{body}", header: X, key: "{credentials.secret}" })")
              .contains("needs the field timestamp"));
    CHECK(problems_of_verify(R"({ type: hmac, over: "{bodi}", header: X, key: "{credentials.secret}" })")
              .contains("did you mean 'body'"));
    CHECK(problems_of_verify(R"({ type: hmac, over: "{body}", header: X, key: "{credentials.secrt}" })")
              .contains("credentials.secret"));
    CHECK(problems_of_verify(R"({ type: hmca, over: "{body}" })").contains("hmac"));
    CHECK(problems_of_verify(R"({ type: any_of, of: [ { type: hmac } ] })").contains("test.yaml:1:"));
}

TEST_CASE("a list of ways accepts what one of them accepts, and a missing secret of another does not matter",
          "[verify]") {
    auto verify = verify_of(R"({ type: any_of, of: [
        { type: hmac, over: "{body}", header: X-One, key: "{credentials.one}" },
        { type: static, value: "{header.x-two}", key: "{credentials.two}" } ] })");
    SecretReader only_two = [](std::string_view field) -> Result<crypto::SecretBytes> {
        if (field == "two") return crypto::SecretBytes("token");
        return fail(Fault::bad_config, "not set");
    };
    CHECK(outcome(verify, {"POST", "", "/", {{"x-two", "token"}}, ""}, only_two) == "accepted");
    CHECK(outcome(verify, {"POST", "", "/", {{"x-one", "aa"}, {"x-two", "token"}}, ""}, only_two) == "accepted");
    CHECK(outcome(verify, {"POST", "", "/", {{"x-one", "aa"}}, ""}, only_two) == "not set");
    CHECK(outcome(verify, {"POST", "", "/", {{"x-two", "tokem"}}, ""}, only_two) == kSignatureMismatch);
    CHECK(outcome(verify, {"POST", "", "/", {}, ""}, only_two) == kSignatureMissing);
}

TEST_CASE("entities are decoded once, others stay", "[verify]") {
    CHECK(decode_html_entities("p&amp;ss&quot;w&lt;d&gt;&#039;&#x27;&#0038;") == "p&ss\"w<d>''&");
    CHECK(decode_html_entities("&amp;lt; &nbsp; & &; &#65; &#x") == "&lt; &nbsp; & &; &#65; &#x");
}

TEST_CASE("an echoed challenge is text, short, and only for its own requests", "[challenge]") {
    spec::Problems problems;
    auto list = spec::load_text<std::vector<Challenge>>(
        R"([ { when: { method: GET, values: { path: query.echo, present: true } },
        signed: true, answer: { text: "{query.echo}" } } ])",
        "test.yaml", problems);
    REQUIRE(problems.ok());
    auto verify = verify_of(kPlain);
    auto answer_to = [&](const InboundRequest& request) {
        SignatureValues values(request, secrets("s"));
        return answer_challenge(*list, verify, values, kCheckedAt);
    };
    auto code = to_hex(crypto::hmac(crypto::Hash::sha256, "s", ""));
    auto good = answer_to({"GET", "", "/?echo=%3Cscript%3E", {{"x-sign", code}}, ""});
    REQUIRE(good);
    CHECK((*good)->body == "<script>");
    CHECK((*good)->content_type == "text/plain; charset=utf-8");
    CHECK(answer_to({"GET", "", "/?echo=x", {}, ""})->error().what == kSignatureMissing);
    CHECK(answer_to({"GET", "", "/?echo=" + std::string(5000, 'x'), {{"x-sign", code}}, ""})->error().fault ==
          Fault::bad_input);
    CHECK_FALSE(answer_to({"POST", "", "/?echo=x", {}, ""}));
    CHECK_FALSE(answer_to({"GET", "", "/", {}, ""}));
}

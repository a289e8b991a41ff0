// Tokens of senders: the keys are served by a real HTTP server on loopback and fetched by the real client.
#include <catch2/catch.hpp>

#include <atomic>

#include "gateway/base/base64.hpp"
#include "gateway/connector/declarative/declarative_connector.hpp"
#include "gateway/connector/declarative/jwt.hpp"
#include "gateway/crypto/rsa.hpp"
#include "gateway/net/curl_client.hpp"
#include "gateway/net/http_server.hpp"
#include "gateway/spec/load.hpp"
#include "gateway/value/json.hpp"
#include "tests/fakes/rsa_key.hpp"

using namespace tributary;
using namespace tributary::connector;
using namespace std::chrono_literals;

namespace {

std::string jwks_of(const fakes::RsaPair& pair, const std::string& id) {
    return R"({"keys":[{"kty":"RSA","kid":")" + id + R"(","alg":"RS256","n":")" + to_base64url(pair.number("n")) +
           R"(","e":")" + to_base64url(pair.number("e")) + R"("}]})";
}

// The issuer, with a key that can be replaced, and a network that can be cut.
class Issuer {
  public:
    Issuer() { REQUIRE(server.start()); }
    ~Issuer() { server.stop(0ms); }

    std::string url() { return "http://127.0.0.1:" + std::to_string(server.port()); }
    std::string token(const std::string& id, const std::string& claims) {
        const auto signer = crypto::RsaKey::parse(pair->pem()).value();
        const auto message = to_base64url(R"({"alg":"RS256","kid":")" + id + R"("})") + "." + to_base64url(claims);
        return message + "." + to_base64url(signer.sign_sha256(message));
    }
    void rotate(const std::string& id) {
        pair.emplace();
        const std::scoped_lock lock(mutex);
        keys = jwks_of(*pair, id);
    }

    std::optional<fakes::RsaPair> pair{std::in_place};
    std::mutex mutex;
    std::string keys = jwks_of(*pair, "k1");
    std::atomic<int> asked = 0, status = 200;
    std::string named;  // as whose the discovery document gives itself out; empty: its own

  private:
    run::Task<net::HttpResponse> answer(net::InboundHttp request) {
        ++asked;
        const std::scoped_lock lock(mutex);
        net::HttpResponse out{.status = status,
                              .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "max-age=600"}}};
        if (request.target == "/keys") out.body = keys;
        if (request.target == "/.well-known/openid-configuration")
            out.body = R"({"issuer":")" + (named.empty() ? url() : named) + R"(","jwks_uri":")" + url() + R"(/keys"})";
        if (request.target == "/big") out.body = std::string(3 << 20, ' ') + keys;
        co_return out;
    }
    FakeClock clock;
    net::HttpServer server{{}, clock, [this](net::InboundHttp request) { return answer(std::move(request)); }};
};

constexpr std::string_view kAddress = "https://hooks.example.com/hooks/box";

struct Receiver {
    explicit Receiver(Issuer& of, const std::string& keys_url) : issuer(of) {
        spec::Problems problems;
        auto yaml = "base_url: " + issuer.url() + "\nwebhooks:\n  verify: { type: jwt, issuer: \"" + issuer.url() +
                    "\", audience: \"{url}\", claims: { email: push@example.com }" +
                    (keys_url.empty() ? "" : ", keys_url: \"" + keys_url + "\"") +
                    " }\n  delivery_id: \"{json.id}\"\n  topic: mailbox\n";
        auto definition = spec::load_text<Definition>(yaml, "test.yaml", problems);
        if (definition) definition->check_all(nullptr, problems);
        INFO(problems.text());
        REQUIRE(problems.ok());
        Setup setup{
            .connection = "box", .http = http, .timers = timers, .blocking = pool, .random = random, .log = log};
        setup.network.egress.networks = {net::Network::parse("127.0.0.0/8").value()};
        auto made =
            DeclarativeConnector::make(std::make_shared<Definition>(*std::move(definition)), std::move(setup), nullptr);
        REQUIRE(made);
        connector = *std::move(made);
    }

    std::string claims(const std::string& more = R"("email":"push@example.com")") {
        const auto now = std::chrono::floor<std::chrono::seconds>(clock.now().time_since_epoch()).count();
        return R"({"iss":")" + issuer.url() + R"(","aud":")" + std::string(kAddress) + R"(","exp":)" +
               std::to_string(now + 3600) + "," + more + "}";
    }
    // As the webhook face does it.
    std::string outcome(const std::string& token) {
        const InboundRequest request{
            "POST", std::string(kAddress), "/hooks/box", {{"authorization", "Bearer " + token}}, R"({"id":1})"};
        auto done = connector->hook()->verify(request, clock.now());
        if (!done && done.error().what == kKeysNeeded) {
            CHECK(done.error().fault == Fault::transient);
            run::run_blocking(loop, connector->hook_keys()->fetch());
            done = connector->hook()->verify(request, clock.now());
        }
        return done ? "accepted" : done.error().what;
    }

    Issuer& issuer;
    FakeClock clock;
    run::FakeTimers timers{clock};
    run::Pool pool{"blocking", 1};
    crypto::SeededRandom random{1};
    Log log{LogLevel::debug, Log::Target::memory};
    run::Loop loop{"test"};
    net::CurlClient http{loop};
    std::unique_ptr<Connector> connector;
};

}  // namespace

TEST_CASE("keys are fetched once, kept while their server lets them be kept, and fetched for a new name", "[jwt]") {
    Issuer issuer;
    Receiver receiver(issuer, issuer.url() + "/keys");
    const auto first = issuer.token("k1", receiver.claims());
    CHECK(receiver.outcome(first) == "accepted");
    CHECK(receiver.outcome(first) == "accepted");
    CHECK(issuer.asked == 1);

    issuer.rotate("k2");
    const auto second = issuer.token("k2", receiver.claims());
    CHECK(receiver.outcome(second) == kKeyUnknown);  // within the minute
    CHECK(issuer.asked == 1);
    receiver.clock.advance(1min);
    CHECK(receiver.outcome(second) == "accepted");
    CHECK(issuer.asked == 2);
    for (int i = 0; i < 50; ++i) CHECK(receiver.outcome(issuer.token("k3", receiver.claims())) == kKeyUnknown);
    CHECK(issuer.asked == 2);

    receiver.clock.advance(10min);
    CHECK(receiver.outcome(issuer.token("k2", receiver.claims())) == "accepted");
    CHECK(issuer.asked == 3);
    CHECK(receiver.outcome(issuer.token("k2", receiver.claims(R"("email":"mallory@example.com")"))) == kClaimMismatch);
}

TEST_CASE("while the keys cannot be had nothing is refused, and their server is not stormed", "[jwt]") {
    Issuer issuer;
    Receiver receiver(issuer, issuer.url() + "/keys");
    issuer.status = 500;
    const auto token = issuer.token("k1", receiver.claims());
    for (int i = 0; i < 20; ++i) CHECK(receiver.outcome(token) == kKeysUnavailable);
    CHECK(issuer.asked == 1);
    CHECK(receiver.log.captured().contains("keys of a webhook's sender cannot be had"));
    CHECK_FALSE(receiver.log.captured().contains(token));
    receiver.clock.advance(5s);
    issuer.status = 200;
    CHECK(receiver.outcome(token) == "accepted");

    // What was known is known no longer than its server said: a key may have been withdrawn.
    issuer.status = 500;
    receiver.clock.advance(11min);
    CHECK(receiver.outcome(issuer.token("k1", receiver.claims())) == kKeysUnavailable);
}

TEST_CASE("what is no key set, too big, or on another host is no source of keys", "[jwt][req8]") {
    Issuer issuer;
    const auto refused = [&](const std::string& url, std::string_view why) {
        Receiver receiver(issuer, url);
        CHECK(receiver.outcome(issuer.token("k1", receiver.claims())) == kKeysUnavailable);
        INFO(receiver.log.captured());
        CHECK(receiver.log.captured().contains(why));
    };
    refused(issuer.url() + "/none", "no RS256 or ES256 key");
    refused(issuer.url() + "/big", "");
    const auto before = issuer.asked.load();
    refused("http://localhost:1/keys", "allowed are");
    CHECK(issuer.asked == before);
}

TEST_CASE("without an address the issuer's discovery document leads to the keys", "[jwt]") {
    Issuer issuer;
    {
        Receiver receiver(issuer, "");
        CHECK(receiver.outcome(issuer.token("k1", receiver.claims())) == "accepted");
        CHECK(issuer.asked == 2);
    }
    issuer.named = "http://127.0.0.1:1";
    Receiver receiver(issuer, "");
    CHECK(receiver.outcome(issuer.token("k1", receiver.claims())) == kKeysUnavailable);
    CHECK(receiver.log.captured().contains("another issuer's"));
}

TEST_CASE("webhooks that come together wait for one fetch", "[jwt]") {
    Issuer issuer;
    Receiver receiver(issuer, issuer.url() + "/keys");
    const auto token = issuer.token("k1", receiver.claims());
    const InboundRequest request{
        "POST", std::string(kAddress), "/hooks/box", {{"authorization", "Bearer " + token}}, "{}"};
    REQUIRE(receiver.connector->hook()->verify(request, receiver.clock.now()).error().what == kKeysNeeded);
    int done = 0;
    for (int i = 0; i < 9; ++i)
        receiver.loop.spawn([](HookKeys& keys, int& count) -> run::Task<> {
            co_await keys.fetch();
            ++count;
        }(*receiver.connector->hook_keys(), done));
    run::run_blocking(receiver.loop, receiver.connector->hook_keys()->fetch());
    for (int i = 0; i < 100 && done < 9; ++i) receiver.loop.run_ready();
    CHECK(done == 9);
    CHECK(issuer.asked == 1);
    CHECK(receiver.connector->hook()->verify(request, receiver.clock.now()));
}

TEST_CASE("how long an answer may be kept", "[jwt]") {
    const auto life = [](net::Headers headers) {
        return cache_life(Answer{.status = 200, .headers = std::move(headers)});
    };
    CHECK(life({}) == 1h);
    CHECK(life({{"cache-control", "public, max-age=20831, must-revalidate, no-transform"}}) == 20831s);
    CHECK(life({{"Cache-Control", "Max-Age=600"}, {"Age", "100"}}) == 500s);
    CHECK(life({{"Cache-Control", "max-age=600"}, {"Age", "1000"}}) == 0s);
    CHECK(life({{"Cache-Control", "no-store, max-age=600"}}) == 0s);
    CHECK(life({{"Cache-Control", "max-age=x"}}) == 1h);
    CHECK(life({{"Cache-Control", "max-age=9223372036854775807"}}) > 24h);
}

TEST_CASE("what a file may not say about tokens", "[jwt]") {
    const auto problems_of = [](const std::string& fields) {
        spec::Problems problems;
        auto verify = spec::load_text<Verify>("{ type: jwt, " + fields + " }", "test.yaml", problems);
        if (verify) verify->check(signature_names(), problems);
        return problems.text();
    };
    CHECK(problems_of("issuer: \"https://a.example\", audience: \"{url}\"").empty());
    CHECK(problems_of("issuer: \"{header.x}\", audience: \"{url}\"").contains("must not come out of the request"));
    CHECK(problems_of("issuer: a, keys_url: \"{json.jku}\", audience: x").contains("must not come out of the request"));
    CHECK(problems_of("issuer: a, audience: []").contains("audience names at least one"));
    CHECK(problems_of("issuer: a, audience: x, algorithms: hs256").contains("rs256"));
    CHECK(problems_of("issuer: a").contains("audience"));
}

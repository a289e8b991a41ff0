// OAuth 1.0a and other signatures over our own requests. Facts: the published vectors (X's documentation; the
// WooCommerce and Magento base strings), read from the shared data when it is there.
#include "gateway/connector/declarative/oauth1.hpp"

#include <catch2/catch.hpp>

#include "gateway/base/base64.hpp"
#include "gateway/connector/declarative/auth.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/spec/load.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

// Names with the values of the vector in X's "Creating a signature".
Scope scope_of(std::map<std::string, std::string> credentials, std::string nonce, std::int64_t now) {
    Scope scope;
    scope.bind("credentials", [credentials](std::string_view field) -> Result<std::optional<std::string>> {
        const auto found = credentials.find(std::string(field));
        return found == credentials.end() ? std::nullopt : std::optional(found->second);
    });
    scope.bind("nonce", std::move(nonce)).bind_now(Timestamp{std::chrono::seconds{now}});
    return scope;
}

Auth auth_of(const char* yaml) {
    spec::Problems problems;
    auto auth = spec::load_text<Auth>(yaml, "test.yaml", problems);
    INFO(problems.text());
    REQUIRE(auth);
    return *std::move(auth);
}

}  // namespace

TEST_CASE("the OAuth 1 signature of X's documentation", "[oauth1]") {
    const auto auth =
        auth_of(R"({ type: oauth1, consumer_key: "{credentials.key}", consumer_secret: "{credentials.secret}",
        token: "{credentials.token}", token_secret: "{credentials.token_secret}", algorithm: hmac_sha1 })");
    const auto scope = scope_of({{"key", "xvz1evFS4wEEPTGEFPHBog"},
                                 {"secret", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"},
                                 {"token", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"},
                                 {"token_secret", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"}},
                                "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", 1318622958);
    net::HttpRequest request{.method = "POST",
                             .url = "https://api.x.com/1.1/statuses/update.json?include_entities=true",
                             .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                             .body = "status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21"};
    REQUIRE(sign(std::get<Oauth1Step>(auth.steps.at(0)), scope, request));
    const auto* header = net::find_header(request.headers, "Authorization");
    REQUIRE(header);
    CHECK(header->starts_with("OAuth oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", oauth_nonce="));
    CHECK(header->contains("oauth_signature=\"Ls93hJiZbQ3akF3HF3x1Bz8%2FzU4%3D\""));
}

TEST_CASE("a base string leaves out the default port, sorts by encoded name and keeps what comes twice", "[oauth1]") {
    CHECK(oauth1_base_string("GET", "HTTP://Shop.Example.com:80/a%20b?x=1", {{"b", "2 ü"}, {"a", "z"}, {"a", "1"}})
              .value() == "GET&http%3A%2F%2Fshop.example.com%2Fa%2520b&a%3D1%26a%3Dz%26b%3D2%2520%25C3%25BC");
    CHECK(oauth1_base_string("GET", "http://www.example.com/wp-json/wc/v3/orders",
                             {{"oauth_signature_method", "HMAC-SHA1"}, {"oauth_consumer_key", "abc123"}})
              .value() ==
          "GET&http%3A%2F%2Fwww.example.com%2Fwp-json%2Fwc%2Fv3%2Forders&oauth_consumer_key%3Dabc123%26"
          "oauth_signature_method%3DHMAC-SHA1");
    CHECK_FALSE(oauth1_base_string("GET", "nowhere", {}));
}

TEST_CASE("one-legged requests have neither token nor version when told so", "[oauth1]") {
    const auto auth =
        auth_of(R"({ type: oauth1, consumer_key: "{credentials.key}", consumer_secret: "{credentials.secret}",
        token: "{credentials.token?}", version: false })");
    net::HttpRequest request{.method = "GET", .url = "http://shop.example.com/orders"};
    REQUIRE(sign(std::get<Oauth1Step>(auth.steps.at(0)), scope_of({{"key", "ck"}, {"secret", "cs"}}, "n", 1700000000),
                 request));
    const auto header = *net::find_header(request.headers, "Authorization");
    CHECK_FALSE(header.contains("oauth_token"));
    CHECK_FALSE(header.contains("oauth_version"));
    CHECK(header.contains("oauth_signature_method=\"HMAC-SHA256\""));
}

TEST_CASE("parameters are signed sorted, and the signature joins the query", "[oauth1]") {
    const auto auth = auth_of(R"({ type: signature, key: "{credentials.secret}", over: "{sorted_parameters}",
        query: { sign: "{signed|hmac_md5(key)|hex|upper}" } })");
    net::HttpRequest request{
        .method = "POST",
        .url =
            "https://gw.example.com/router/rest?method=taobao.item.seller.get&app_key=12345678&session=test&"
            "timestamp=2016-01-01%2012%3A00%3A00&format=json&v=2.0&sign_method=hmac&empty=",
        .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
        .body = "fields=num_iid%2Ctitle%2Cnick%2Cprice%2Cnum&num_iid=11223344"};
    REQUIRE(sign(std::get<SignatureStep>(auth.steps.at(0)), scope_of({{"secret", "helloworld"}}, "n", 0), request));
    CHECK(request.url.ends_with("&sign=D56D7858309C31B6251083A874D48273"));
}

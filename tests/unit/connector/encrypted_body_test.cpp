// Encrypted bodies: sealed as the platform seals them, opened by the description, refused when anything differs.
#include "gateway/connector/declarative/encrypted_body.hpp"

#include <catch2/catch.hpp>

#include "gateway/base/base64.hpp"
#include "gateway/connector/declarative/hook.hpp"
#include "gateway/crypto/aes_cbc.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/spec/load.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

// The last character's low bits are not zero, as in keys that platforms hand out.
constexpr std::string_view kKey = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";
constexpr std::string_view kOtherKey = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const Timestamp kNow{std::chrono::seconds{1767607200}};

constexpr const char* kDingtalk = R"(
webhooks:
  verify:
    type: hash
    algorithm: sha1
    signature: "{query.msg_signature}"
    encoding: hex
    sorted: ["{key}", "{query.timestamp}", "{query.nonce}", "{json.encrypt}"]
    key: "{credentials.token}"
  encrypted: { form: wechat, at: "{json.encrypt}", key: "{credentials.aes_key}", receiver: "{settings.app_key}", token: "{credentials.token}" }
  delivery_id: "{body|sha256|hex}"
  topic: "{json.EventType}"
  topics:
    check_url: { ignore: true }
    user_add: { stream: users, key: id }
  accepted:
    status: 200
    encrypted: { text: success, json: { msg_signature: "{answer.signature}", encrypt: "{answer.text}", timeStamp: "{answer.timestamp}", nonce: "{answer.nonce}" } }
)";

constexpr const char* kFeishu = R"(
webhooks:
  verify:
    type: hash
    algorithm: sha256
    over: "{header.Time}{key}{body}"
    header: Signature
    encoding: hex
    key: "{credentials.encrypt_key}"
  encrypted: { form: feishu, at: "{json.encrypt}", key: "{credentials.encrypt_key}" }
  challenges:
    - when: { method: POST, values: { path: plain.json.type, equals: url_verification } }
      token: { value: "{plain.json.token}", key: "{credentials.token}" }
      answer: { json: { challenge: "{plain.json.challenge}" } }
  delivery_id: "{json.id}"
  topic: "{json.type}"
)";

struct Platform {
    std::map<std::string, std::string, std::less<>> secrets;
    value::Document settings;
    std::optional<Definition> definition;
    crypto::SeededRandom random{7};
    std::optional<DeclarativeHook> hook;

    Platform(const char* yaml, std::map<std::string, std::string, std::less<>> with) : secrets(std::move(with)) {
        spec::Problems problems;
        definition = spec::load_text<Definition>(yaml, "test.yaml", problems);
        INFO(problems.text());
        REQUIRE(definition);
        settings = value::parse_json(R"({"app_key":"ding-1"})").value();
        hook.emplace(*definition, settings.root(), reader(), random);
    }
    SecretReader reader() {
        return [this](std::string_view field) -> Result<crypto::SecretBytes> {
            const auto found = secrets.find(field);
            if (found == secrets.end()) return fail(Fault::bad_config, "not set", std::string(field));
            return crypto::SecretBytes(found->second);
        };
    }
    // A delivery as the platform sends it: the same envelope as our answer.
    InboundRequest delivery(const std::string& text) {
        const InboundRequest none;
        SignatureValues values(none, reader());
        values.scope().bind("settings", settings.root());
        const auto parts = EncryptedAnswer{text, {}}.parts(*definition->webhooks->encrypted, values, "0123456789abcdef",
                                                           "1767607200000", "n1");
        REQUIRE(parts);
        const auto part = [&](const char* name) { return std::string(parts->root().find(name).text()); };
        InboundRequest request{"POST",
                               "",
                               "/hooks/d?timestamp=1767607200000&nonce=n1&msg_signature=" + part("signature"),
                               {},
                               R"({"encrypt":")" + part("text") + "\"}"};
        request.url = "https://gw.example.com" + request.target;
        return request;
    }
    std::string refusal(const InboundRequest& request) {
        const auto fits = hook->verify(request, kNow);
        const auto error = fits ? hook->open(request).error() : fits.error();
        CHECK(error.fault == Fault::unauthorized);
        return error.what;
    }
};

Platform dingtalk(std::string_view key = kKey) {
    return {kDingtalk, {{"token", "tok"}, {"aes_key", std::string(key)}}};
}

std::string feishu_body(std::string_view key, std::string_view text) {
    const std::string iv = "fedcba9876543210";
    const auto sealed = crypto::encrypt_aes_256_cbc(crypto::sha256(key).view(), iv, text);
    return R"({"encrypt":")" + to_base64(iv + sealed) + "\"}";
}

}  // namespace

TEST_CASE("an encrypted delivery is opened, and its topic and events are those inside", "[encrypted]") {
    auto platform = dingtalk();
    const auto request = platform.delivery(R"({"EventType":"user_add","id":"u-7"})");
    REQUIRE(platform.hook->verify(request, kNow));
    const auto opened = platform.hook->open(request).value();
    CHECK(opened.body == R"({"EventType":"user_add","id":"u-7"})");
    CHECK(opened.target == request.target);
    CHECK(platform.hook->topic(opened).value() == "user_add");
    const auto events = platform.hook->decode("user_add", opened.body).value();
    REQUIRE(events.size() == 1);
    CHECK(events[0].record.external_id == "u-7");
}

TEST_CASE("the encrypted answer is one that the platform can open", "[encrypted]") {
    auto platform = dingtalk();
    const auto answer = platform.hook->accepted(kNow).value();
    CHECK(answer.status == 200);
    CHECK(answer.content_type == "application/json");
    const auto json = value::parse_json(answer.body).value();
    CHECK(json.root().find("timeStamp").text() == "1767607200000");
    InboundRequest back{"POST",
                        "https://x/?msg_signature=" + std::string(json.root().find("msg_signature").text()) +
                            "&timestamp=1767607200000&nonce=" + std::string(json.root().find("nonce").text()),
                        "/",
                        {},
                        answer.body};
    REQUIRE(platform.hook->verify(back, kNow));
    CHECK(platform.hook->open(back).value().body == "success");
    CHECK(platform.hook->accepted(kNow).value().body != answer.body);
}

TEST_CASE("an encrypted delivery is refused when anything about it differs", "[encrypted]") {
    auto platform = dingtalk();
    const std::string text = R"({"EventType":"user_add","id":"u-7"})";
    const auto good = platform.delivery(text);
    SECTION("signature") {
        auto bad = good;
        bad.body[20] = bad.body[20] == 'A' ? 'B' : 'A';
        CHECK(platform.refusal(bad) == kSignatureMismatch);
    }
    SECTION("another key") {
        auto other = dingtalk(kOtherKey);
        CHECK(other.refusal(good) == kCannotDecrypt);
    }
    SECTION("another app's") {
        platform.settings = value::parse_json(R"({"app_key":"ding-2"})").value();
        platform.hook.emplace(*platform.definition, platform.settings.root(), platform.reader(), platform.random);
        CHECK(platform.refusal(good) == kReceiverMismatch);
    }
    SECTION("no ciphertext, no base64, half a block") {
        for (const auto* sent : {"", "!!", "QUJD", "QUFBQUFBQUFBQUFBQUFBQQ=="}) {
            auto bad = good;
            bad.body = std::string(R"({"encrypt":")") + sent + "\"}";
            CHECK(platform.hook->open(bad).error().what == (*sent ? kCannotDecrypt : kNotEncrypted));
        }
    }
    SECTION("plain although the key is set") {
        auto plain = good;
        plain.body = text;
        CHECK(platform.hook->open(plain).error().what == kNotEncrypted);
    }
    SECTION("during a rotation both keys open") {
        platform.secrets["aes_key"] = std::string(kOtherKey) + "\n" + std::string(kKey);
        CHECK(platform.hook->open(good).value().body == text);
    }
    SECTION("a key that is none is the operator's fault") {
        platform.secrets["aes_key"] = "short";
        CHECK(platform.hook->open(good).error().fault == Fault::bad_config);
    }
}

TEST_CASE("an encrypted handshake is answered in clear, with the right token alone", "[encrypted]") {
    Platform platform(kFeishu, {{"token", "v-tok"}, {"encrypt_key", "test key"}});
    const auto ask = [&](std::string_view token) {
        const InboundRequest request{
            "POST",
            "https://x/",
            "/",
            {},
            feishu_body("test key",
                        R"({"type":"url_verification","challenge":"c-1","token":")" + std::string(token) + "\"}")};
        return platform.hook->challenge(request, kNow);
    };
    const auto answer = ask("v-tok");
    REQUIRE(answer);
    CHECK(answer->value().body == R"({"challenge":"c-1"})");
    CHECK(ask("other")->error().what == kChallengeRefused);
    const InboundRequest event{
        "POST", "https://x/", "/", {}, feishu_body("test key", R"({"type":"im.message","id":"1"})")};
    CHECK_FALSE(platform.hook->challenge(event, kNow));
    CHECK(platform.refusal(event) == kSignatureMissing);
    CHECK(platform.hook->topic(platform.hook->open(event).value()).value() == "im.message");
}

TEST_CASE("without a key a platform's plain bodies are taken as they are", "[encrypted]") {
    Platform platform(kFeishu, {{"token", "v-tok"}});
    const InboundRequest event{"POST", "https://x/", "/", {}, R"({"type":"im.message","id":"1"})"};
    CHECK(platform.hook->open(event).value().body == event.body);
    const InboundRequest sealed{"POST", "https://x/", "/", {}, feishu_body("test key", "{}")};
    CHECK(platform.hook->open(sealed).error().fault == Fault::bad_config);
}

#include "gateway/connector/declarative/vectors.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

#include "gateway/value/json.hpp"
#include "tests/fakes/shared_data.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

const std::filesystem::path kSource = TRIBUTARY_SOURCE_DIR;

std::string slurp(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// A copy of the vector with some members replaced.
value::Document changed(value::Node vector, const std::map<std::string, std::string>& texts,
                        const std::map<std::string, std::int64_t>& numbers = {}) {
    value::Builder out;
    out.begin_object();
    for (auto member : vector) {
        std::string key(member.key());
        if (texts.contains(key) || numbers.contains(key)) continue;
        out.key(key).copy(member);
    }
    for (const auto& [key, text] : texts) out.key(key).text(text);
    for (const auto& [key, number] : numbers) out.key(key).integer(number);
    out.end();
    return out.take();
}

std::optional<WebhookCheck> check_of(std::string_view platform) {
    for (const auto& family : std::filesystem::directory_iterator(kSource / "connectors")) {
        auto file = family.path() / platform / "connector.yaml";
        if (!std::filesystem::exists(file)) continue;
        spec::Problems problems;
        auto check = WebhookCheck::load(file, problems);
        INFO(problems.text());
        REQUIRE(problems.ok());
        return check;
    }
    return std::nullopt;
}

bool refused(const value::Document& vector, const WebhookCheck& check) {
    auto verdict = judge_vector(vector.root(), check);
    return verdict.kind == Verdict::Kind::passed && verdict.reason.starts_with("refused");
}

// What must not pass any more: another secret, another body, another time.
int mutate(value::Node vector, const WebhookCheck& check) {
    auto id = vector.find("id").scalar_text();
    INFO(id);
    int done = 0;
    auto must_refuse = [&](const std::map<std::string, std::string>& texts,
                           const std::map<std::string, std::int64_t>& numbers = {}) {
        value::Builder flipped;
        auto base = changed(vector, texts, numbers);
        flipped.begin_object();
        for (auto member : base.root())
            if (member.key() != "should_verify") flipped.key(member.key()).copy(member);
        flipped.key("should_verify").boolean(false).end();
        CHECK(refused(flipped.take(), check));
        ++done;
    };
    auto secret = std::string(vector.find("secret").text());
    if (vector.find("platform").text() != "sendgrid" && !secret.empty()) {
        secret[secret.size() / 2] = secret[secret.size() / 2] == 'A' ? 'B' : 'A';
        must_refuse({{"secret", secret}});
    }
    auto body = std::string(vector.find("body").text());
    // A token of the sender's says nothing of the body.
    bool covered = vector.find("kind").text() != "static_token" && vector.find("platform").text() != "mailgun" &&
                   !vector.find("jwks");
    // Where fields are signed and not the bytes around them, a space after the body changes nothing.
    bool whole = vector.find("platform").text() != "yonyou";
    if (!body.empty() && covered) {
        body[body.size() / 2] = static_cast<char>(body[body.size() / 2] ^ 1);
        must_refuse({{"body", body}});
        if (whole) must_refuse({{"body", body + " "}});
    }
    auto now = vector.find("now");
    if (now.is(value::Kind::integer)) must_refuse({}, {{"now", now.integer() + 30 * 3600}});
    return done;
}

// The same for encrypted bodies: another token, key, receiver or ciphertext, and long after its time.
int mutate_encrypted(value::Node vector, const WebhookCheck& check) {
    INFO(vector.find("id").text());
    int done = 0;
    const auto other = [&](const char* name, std::size_t at) {
        auto text = std::string(vector.find(name).text());
        if (text.empty()) return;
        at = std::min(at, text.size() - 1);
        text[at] = text[at] == 'A' ? 'B' : 'A';
        value::Builder flipped;
        auto base = changed(vector, {{name, text}});
        flipped.begin_object();
        for (auto member : base.root())
            if (member.key() != "should_verify") flipped.key(member.key()).copy(member);
        flipped.key("should_verify").boolean(false).end();
        INFO(name);
        CHECK(refused(flipped.take(), check));
        ++done;
    };
    const auto body = vector.find("body").text();
    const auto sealed = body.find("ncrypt");
    REQUIRE(sealed != std::string_view::npos);
    other("secret", 1);
    other("encoding_aes_key", 10);
    other("receive_id", 2);
    // Without a signature damaged text may still open; it is the padding at the end that tells.
    if (vector.find("url").text().empty()) return done;
    other("body", sealed + 40);
    other("url", std::string_view(vector.find("url").text()).find("nonce=") + 6);
    const auto late = changed(vector, {}, {{"now", std::int64_t{4102444800}}});
    CHECK(judge_vector(late.root(), check).reason.ends_with("refused: timestamp_stale, the opposite was expected"));
    return done + 1;
}

// The vector, changed, must not pass: not with these texts, nor with this field of its params changed.
void must_refuse(value::Node vector, const WebhookCheck& check, const std::map<std::string, std::string>& texts,
                 std::string_view parameter = "") {
    auto base = changed(vector, texts);
    value::Builder flipped;
    flipped.begin_object();
    for (auto member : base.root()) {
        if (member.key() == "should_verify") continue;
        flipped.key(member.key());
        if (member.key() != "params" || parameter.empty()) {
            flipped.copy(member);
            continue;
        }
        flipped.begin_object();
        for (auto field : member)
            flipped.key(field.key()).text(field.scalar_text() + (field.key() == parameter ? "0" : ""));
        flipped.end();
    }
    flipped.key("should_verify").boolean(false).end();
    INFO(vector.find("id").text() << " " << parameter << (texts.empty() ? "" : texts.begin()->second));
    CHECK(refused(flipped.take(), check));
}

// A request of ours and the query that comes back from a login: with another secret, method, path, form or parameter
// they have another signature.
int mutate_signed(value::Node vector, const WebhookCheck& check) {
    int done = 0;
    const auto refuse = [&](const std::map<std::string, std::string>& texts, std::string_view parameter = "") {
        must_refuse(vector, check, texts, parameter);
        ++done;
    };
    const auto flip_at = [](std::string text, std::size_t at) {
        text[at] = text[at] == 'Z' ? 'Y' : 'Z';
        return text;
    };
    const auto secret = std::string(vector.find("secret").text()), url = std::string(vector.find("url").text());
    refuse({{"secret", flip_at(secret, 0)}});
    refuse({{"secret", flip_at(secret, secret.size() - 1)}});
    refuse({{"expected", flip_at(std::string(vector.find("expected").text()), 3)},
            {"url", url + (url.contains('?') ? "&a=1" : "")}});
    // With another sign_method it would be signed in another way, and not judged.
    for (auto field : vector.find("params"))
        if (field.key() != "sign_method") refuse({}, field.key());
    const bool callback = vector.find("kind").text() != "request_sign";
    const auto query = std::min(url.find('?'), url.size());
    if (!callback && !url.empty()) {
        refuse({{"method", "PUT"}});
        refuse({{"url", flip_at(url, query - 1)}});
        if (const auto body = std::string(vector.find("body").text()); !body.empty())
            refuse({{"body", flip_at(body, body.size() / 2)}});
    }
    if (!callback) return done;
    for (auto at = query + 1; at < url.size(); at += 5) refuse({{"url", flip_at(url, at)}});
    for (const auto* more : {"&extra=1", "&shop=some-shop.myshopify.com", "&hmac=00", "&code=another"})
        refuse({{"url", url + more}});
    refuse({{"url", url.substr(0, query)}});
    return done;
}

}  // namespace

TEST_CASE("webhooks signed as each platform does get the expected verdict and reason", "[webhook]") {
    auto text = slurp(kSource / "tests/cases/webhooks/vectors.json");
    auto document = value::parse_json(text).value();
    auto verdicts = judge_vectors(text, kSource / "connectors").value();
    REQUIRE(verdicts.size() == document.root().size());
    REQUIRE(verdicts.size() > 80);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        INFO(verdicts[i].id << ": " << verdicts[i].reason);
        CHECK(verdicts[i].kind != Verdict::Kind::failed);
        CHECK(verdicts[i].reason == document.root().at(i).find("reason").text());
    }
}

TEST_CASE("an accepted webhook is refused with another secret, body or time", "[webhook]") {
    auto document = value::parse_json(slurp(kSource / "tests/cases/webhooks/vectors.json")).value();
    int mutations = 0;
    for (auto vector : document.root()) {
        auto kind = vector.find("kind").text();
        if ((kind != "webhook" && kind != "static_token") || vector.find("reason").text() != "accepted") continue;
        if (vector.find("secret").text().contains('\n')) continue;  // its other secret still fits
        auto check = check_of(vector.find("platform").text());
        REQUIRE(check);
        mutations += mutate(vector, *check);
    }
    CHECK(mutations > 80);
}

TEST_CASE("published signature vectors get the expected verdict", "[webhook]") {
    auto file = test::shared_data("signature_vectors.json");
    if (!std::filesystem::exists(file)) {
        std::cout << "SKIPPED: no signature vectors at " << file << "; set TRIBUTARY_SHARED\n";
        return;
    }
    auto text = slurp(file);
    auto verdicts = judge_vectors(text, kSource / "connectors").value();
    auto document = value::parse_json(text).value();
    int passed = 0, mutations = 0;
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        auto vector = document.root().at(i);
        auto platform = vector.find("platform").text(), kind = vector.find("kind").text();
        INFO(verdicts[i].id << ": " << verdicts[i].reason);
        CHECK(verdicts[i].kind == Verdict::Kind::passed);
        passed += verdicts[i].kind == Verdict::Kind::passed;
        bool accepted = verdicts[i].reason == "accepted";
        if (accepted && (kind == "webhook" || kind == "static_token" || kind == "card"))
            mutations += mutate(vector, check_of(platform).value());
        if (kind == "request_sign" || kind == "oauth_callback" || kind == "app_proxy") {
            CHECK(accepted);
            mutations += mutate_signed(vector, check_of(platform == "oauth1" ? "x" : platform).value());
        }
        if (accepted && kind == "decrypt") mutations += mutate_encrypted(vector, check_of(platform).value());
    }
    std::cout << "signature vectors: " << passed << " passed, " << mutations << " mutations refused\n";
    CHECK(passed >= 71);
}

TEST_CASE("what is no list of vectors is said to be none", "[webhook]") {
    for (auto text : {"", "{}", "[1]", "[{}", "null"})
        CHECK(judge_vectors(text, kSource / "connectors").error().fault == Fault::bad_input);
    CHECK(judge_vectors("[]", kSource / "connectors").value().empty());
}

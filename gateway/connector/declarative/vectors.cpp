#include "gateway/connector/declarative/vectors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gateway/base/ascii.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/vector_parts.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/spec/load.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {
namespace {

// The echoed text may be the answer itself or one value of its JSON.
bool answers(const InboundAnswer& answer, std::string_view expected) {
    if (expected.empty() || trim(answer.body) == expected) return true;
    auto given = value::parse_json(answer.body), wanted = value::parse_json(expected);
    if (!given) return false;
    if (wanted && value::to_json(given->root()) == value::to_json(wanted->root())) return true;
    for (auto member : given->root())
        if (member.text() == expected) return true;
    return false;
}

// "HMAC-SHA512 hex": the hash alone, of the body under the secret.
std::optional<Verdict> judge_primitive(value::Node vector) {
    static const std::map<std::string_view, crypto::Hash> hashes{{"HMAC-SHA1", crypto::Hash::sha1},
                                                                 {"HMAC-SHA256", crypto::Hash::sha256},
                                                                 {"HMAC-SHA512", crypto::Hash::sha512}};
    if (vector.find("algorithm").text() == "SHA1 of sorted concatenation") {
        std::vector<std::string> parts;
        auto list = value::parse_json(vector.find("body").text());
        if (!list) return std::nullopt;
        for (auto part : list->root()) parts.push_back(part.scalar_text());
        std::ranges::sort(parts);
        bool same = to_hex(crypto::digest(crypto::Hash::sha1, join(parts, ""))) == vector.find("expected").text();
        return same == vector.find("should_verify").boolean() ? passed("the digest is as expected")
                                                              : failed("the digest differs");
    }
    auto words = split(vector.find("algorithm").text(), ' ');
    auto hash = hashes.find(words[0]);
    if (words.size() < 2 || hash == hashes.end() || (words[1] != "hex" && words[1] != "base64")) return std::nullopt;
    auto code = crypto::hmac(hash->second, vector.find("secret").text(), vector.find("body").text());
    auto written = words[1] == "hex" ? to_hex(code) : to_base64(code);
    bool same = written == vector.find("expected").text();
    if (same == vector.find("should_verify").boolean()) return passed("the digest is as expected");
    return failed("the digest differs");
}

// The settings hold all of the vector, a sender's keys too.
void prepare(SignatureValues& values, value::Node settings, const WebhookCheck& check) {
    values.scope().bind("settings", settings);
    if (const auto jwks = settings.find("jwks"))
        values.find_keys_with([jwks](const KeyPlace&, std::string_view, JwtAlgorithm) -> Result<Keyring::Keys> {
            TRY(auto keys, SenderKeys::read(jwks));
            return std::make_shared<const SenderKeys>(std::move(keys));
        });
    if (check.encrypted) values.open_with([&values, &check] { return check.encrypted->open(values); });
}

bool holds(value::Node vector, std::string_view plain) {
    const auto whole = vector.find("expected_plaintext"), part = vector.find("expected_plaintext_contains");
    return (!whole || plain == whole.text()) && (!part || plain.contains(part.text()));
}

// An encrypted body: its signature, where the vector has one, and what is inside.
Verdict judge_encrypted(value::Node vector, const WebhookCheck& check) {
    if (!check.encrypted) return unjudged("its connector.yaml has no webhooks.encrypted");
    auto request = request_of(vector);
    if (!request) return unjudged(request.error().what);
    SignatureValues values(*request, secrets_of(vector));
    const auto settings = settings_of(vector);
    prepare(values, settings.root(), check);
    auto [now, window] = clock_of(vector);
    Result<void> outcome;
    if (!request->url.empty() || !request->headers.empty()) outcome = check.verify->verify(values, now, window);
    if (outcome) {
        auto plain = check.encrypted->open(values);
        if (plain && (!*plain || !holds(vector, **plain))) return failed("what is inside differs");
        if (!plain) outcome = fail(plain.error());
    }
    return compare(outcome, vector.find("should_verify").boolean());
}

// An answer of ours, with the random bytes, time and nonce that the vector names.
Verdict judge_sealing(value::Node vector, const WebhookCheck& check) {
    if (!check.encrypted) return unjudged("its connector.yaml has no webhooks.encrypted");
    const InboundRequest none;
    SignatureValues values(none, secrets_of(vector));
    const auto settings = settings_of(vector);
    prepare(values, settings.root(), check);
    EncryptedAnswer answer{vector.find("body").scalar_text(), {}};
    auto sealed = answer.parts(*check.encrypted, values, vector.find("random16").scalar_text(),
                               vector.find("timestamp").scalar_text(), vector.find("nonce").scalar_text());
    if (!sealed) return failed(sealed.error().text());
    const auto root = sealed->root();
    const auto signature = vector.find("expected_signature");
    bool same = root.find("text").text() == vector.find("expected").text() &&
                (!signature || root.find("signature").text() == signature.text());
    return same ? passed("the answer is as expected") : failed("the answer differs");
}

Verdict judge(value::Node vector, const WebhookCheck& check) {
    auto request = request_of(vector);
    if (!request) return unjudged(request.error().what);
    SignatureValues values(*request, secrets_of(vector));
    const auto settings = settings_of(vector);
    prepare(values, settings.root(), check);
    auto [now, window] = clock_of(vector);
    bool should_verify = vector.find("should_verify").boolean();
    const auto kind = vector.find("kind").text();
    auto challenge = answer_challenge(check.challenges, *check.verify, values, now, window);
    if (!challenge) {
        if (kind == "challenge") return failed("no challenge of the connector applies");
        return compare(check.verify->verify(values, now, window), should_verify);
    }
    // Of other kinds `expected` is the signature.
    if (*challenge && should_verify && kind == "challenge" && !answers(**challenge, vector.find("expected").text()))
        return failed("the challenge's answer differs from the expected one");
    return compare(*challenge ? Result<void>() : fail(challenge->error()), should_verify);
}

std::optional<std::filesystem::path> find_connector(const std::filesystem::path& connectors,
                                                    std::string_view platform) {
    std::error_code ignored;
    for (const auto& family : std::filesystem::directory_iterator(connectors, ignored)) {
        auto file = family.path() / platform / "connector.yaml";
        if (std::filesystem::is_regular_file(file, ignored)) return file;
    }
    return std::nullopt;
}

bool is_plain_name(std::string_view name) {
    auto plain = [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '_'; };
    return !name.empty() && std::ranges::all_of(name, plain);
}

// The checks that were loaded so far, by platform, or why there is none.
class Checks {
  public:
    explicit Checks(const std::filesystem::path& connectors) : connectors_(connectors) {}
    struct Entry {
        std::optional<WebhookCheck> check;
        Verdict otherwise;
    };
    const Entry& of(const std::string& platform) {
        auto at = entries_.find(platform);
        return at == entries_.end() ? entries_.emplace(platform, load(platform)).first->second : at->second;
    }

  private:
    Entry load(const std::string& platform) const {
        // The example of OAuth 1.0a is X's own, a request to api.x.com.
        const auto& name = platform == "oauth1" ? "x" : platform;
        auto file = is_plain_name(name) ? find_connector(connectors_, name) : std::nullopt;
        if (!file) return {{}, unjudged("there is no connector of this name")};
        spec::Problems problems;
        auto check = WebhookCheck::load(*file, problems);
        if (!problems.ok()) return {{}, failed(trim(problems.text()).data())};
        if (!check) return {{}, unjudged("its connector.yaml has neither webhooks.verify nor auth")};
        return {std::move(check), {}};
    }
    const std::filesystem::path& connectors_;
    std::map<std::string, Entry> entries_;
};

}  // namespace

std::optional<WebhookCheck> WebhookCheck::load(const std::filesystem::path& connector_yaml, spec::Problems& problems) {
    auto yaml = spec::read_yaml(connector_yaml.string(), problems);
    const auto* webhooks = yaml ? yaml->find("webhooks") : nullptr;
    const auto* verify = webhooks ? webhooks->find("verify") : nullptr;
    const auto* auth = yaml ? yaml->find("auth") : nullptr;
    if (!verify && !auth) return std::nullopt;
    WebhookCheck check;
    if (verify) check.verify = spec::type_of<Verify>().parse(*verify, problems);
    if (auth)
        if (auto parsed = spec::type_of<Auth>().parse(*auth, problems)) check.auth = *std::move(parsed);
    if (const auto* actions = yaml->find("actions"))
        for (const auto& each : actions->children())
            if (const auto* request = each.find("request"))
                if (auto parsed = spec::type_of<RequestTemplate>().parse(*request, problems))
                    check.requests.push_back(*std::move(parsed));
    if (const auto* challenges = webhooks ? webhooks->find("challenges") : nullptr)
        if (auto list = spec::type_of<std::vector<Challenge>>().parse(*challenges, problems))
            check.challenges = *std::move(list);
    if (const auto* encrypted = webhooks ? webhooks->find("encrypted") : nullptr)
        check.encrypted = spec::type_of<EncryptedBody>().parse(*encrypted, problems);
    auto names = signature_names();
    names.any("settings");
    if (check.verify) check.verify->check(names, problems);
    for (const auto& challenge : check.challenges) challenge.check(names, problems);
    if (!problems.ok()) return std::nullopt;
    return check;
}

Verdict judge_vector(value::Node vector, const WebhookCheck& check) {
    auto kind = vector.find("kind").text();
    auto verdict = [&] {
        if (kind == "primitive")
            return judge_primitive(vector).value_or(unjudged("a primitive of an algorithm that is not known here"));
        if (kind == "request_sign") return judge_signing(vector, check);
        if (kind == "oauth_callback") return judge_callback(vector, check.auth);
        if (!check.verify) return unjudged("its connector.yaml has no webhooks.verify");
        if (kind == "decrypt") return judge_encrypted(vector, check);
        if (kind == "encrypt") return judge_sealing(vector, check);
        return judge(vector, check);
    }();
    verdict.id = vector.find("id").scalar_text();
    return verdict;
}

Result<std::vector<Verdict>> judge_vectors(std::string_view text, const std::filesystem::path& connectors) {
    TRY(auto document, value::parse_json(text));
    if (!document.root().is(value::Kind::array)) return fail(Fault::bad_input, "vectors are a JSON array of objects");
    Checks checks(connectors);
    std::vector<Verdict> verdicts;
    for (auto vector : document.root()) {
        if (!vector.is(value::Kind::object)) return fail(Fault::bad_input, "vectors are a JSON array of objects");
        static const WebhookCheck none;
        const auto& entry = checks.of(std::string(vector.find("platform").text()));
        auto kind = vector.find("kind").text();
        if (entry.check || kind == "primitive") {
            verdicts.push_back(judge_vector(vector, entry.check ? *entry.check : none));
        } else {
            verdicts.push_back(entry.otherwise);
            verdicts.back().id = vector.find("id").scalar_text();
        }
    }
    return verdicts;
}

}  // namespace tributary::connector

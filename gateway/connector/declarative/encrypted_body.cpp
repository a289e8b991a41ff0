#include "gateway/connector/declarative/encrypted_body.hpp"

#include <algorithm>

#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/signature_parts.hpp"
#include "gateway/crypto/aes_cbc.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/spec/alternatives.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {
namespace {

constexpr std::size_t kIv = 16, kLength = 4, kPadding = 32;

// EncodingAESKey is base64 of 32 bytes without its "=", and platforms hand out ones whose last bits are not zero.
Result<std::string> wechat_key(std::string_view written) {
    std::string text(written);
    if (text.size() == 43) {
        constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const auto last = kAlphabet.find(text.back());
        if (last != std::string_view::npos) text.back() = kAlphabet[last & ~std::size_t{3}];
    }
    auto bytes = from_base64(text);
    if (!bytes || bytes->size() != 32)
        return fail(Fault::bad_config, "an EncodingAESKey has 43 letters and digits", "webhooks.encrypted.key");
    return *std::move(bytes);
}

struct Opened {
    std::string text, receiver;
};

std::optional<Opened> open_wechat(const std::string& key, std::string_view ciphertext) {
    auto plain = crypto::decrypt_aes_256_cbc(key, key.substr(0, kIv), ciphertext, kPadding);
    if (!plain || plain->size() < kIv + kLength) return std::nullopt;
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < kLength; ++i) length = length << 8 | static_cast<unsigned char>((*plain)[kIv + i]);
    const auto rest = std::string_view(*plain).substr(kIv + kLength);
    if (length > rest.size()) return std::nullopt;
    return Opened{std::string(rest.substr(0, length)), std::string(rest.substr(length))};
}

std::optional<Opened> open_feishu(const std::string& key, std::string_view ciphertext) {
    if (ciphertext.size() < kIv) return std::nullopt;
    auto plain = crypto::decrypt_aes_256_cbc(key, ciphertext.substr(0, kIv), ciphertext.substr(kIv));
    if (!plain) return std::nullopt;
    return Opened{*std::move(plain), ""};
}

Result<std::string> cipher_key(EncryptedBody::Form form, std::string_view secret) {
    if (form == EncryptedBody::Form::wechat) return wechat_key(secret);
    return std::string(crypto::sha256(secret).view());
}

Result<std::optional<std::string>> ciphertext_of(const EncryptedBody& body, SignatureValues& values) {
    for (const auto& at : body.at) {
        auto text = at.render(values.scope());
        if (!text && text.error().fault != Fault::bad_input) return pass(std::move(text));
        if (text && *text && !(*text)->empty()) return text;
    }
    return std::nullopt;
}

}  // namespace

void EncryptedBody::check(const Names& names, spec::Problems& problems) const {
    for (const auto& each : at) each.check(names, problems);
    for (const auto* each : {&key, &receiver, &token}) each->check(names, problems);
}

Result<std::optional<std::string>> EncryptedBody::open(SignatureValues& values) const {
    TRY(auto written, ciphertext_of(*this, values));
    auto secrets = read_keys(key, KeyEncoding::text, "", values);
    if (!written) {
        // Its plain form is not signed as a whole on some platforms: with a key nothing but ciphertext is taken.
        if (secrets) return refuse(kNotEncrypted);
        return std::nullopt;
    }
    if (!secrets) return pass(std::move(secrets));
    const auto ciphertext = from_base64(*written);
    if (!ciphertext) return refuse(kCannotDecrypt);
    TRY(auto wanted, receiver.render(values.scope()));
    bool another = false;
    for (const auto& secret : *secrets) {
        TRY(const auto bytes, cipher_key(form, secret.reveal()));
        auto opened = form == Form::wechat ? open_wechat(bytes, *ciphertext) : open_feishu(bytes, *ciphertext);
        if (!opened) continue;
        if (form == Form::wechat && wanted && !wanted->empty() && opened->receiver != *wanted)
            another = true;
        else
            return std::move(opened->text);
    }
    return refuse(another ? kReceiverMismatch : kCannotDecrypt);
}

Result<value::Document> EncryptedAnswer::parts(const EncryptedBody& form, SignatureValues& values,
                                               const std::string& random, const std::string& timestamp,
                                               const std::string& nonce) const {
    TRY(auto secrets, read_keys(form.key, KeyEncoding::text, "", values));
    TRY(const auto key, cipher_key(form.form, secrets.front().reveal()));
    TRY(auto receiver, form.receiver.render(values.scope()));
    TRY(auto token, form.token.render_required(values.scope()));
    std::string plain = random;
    for (int shift = 24; shift >= 0; shift -= 8) plain.push_back(static_cast<char>(text.size() >> shift & 0xff));
    plain.append(text).append(receiver.value_or(""));
    const auto ciphertext = to_base64(crypto::encrypt_aes_256_cbc(key, key.substr(0, kIv), plain, kPadding));
    std::vector<std::string> parts{token, timestamp, nonce, ciphertext};
    std::ranges::sort(parts);
    value::Builder answer;
    answer.begin_object().key("text").text(ciphertext).key("timestamp").text(timestamp).key("nonce").text(nonce);
    answer.key("signature").text(to_hex(crypto::digest(crypto::Hash::sha1, join(parts, "")))).end();
    return answer.take();
}

Result<std::string> EncryptedAnswer::seal(const EncryptedBody& form, SignatureValues& values, const std::string& random,
                                          const std::string& timestamp, const std::string& nonce) const {
    TRY(const auto filled, parts(form, values, random, timestamp, nonce));
    Scope scope;
    scope.bind("answer", filled.root());
    TRY(const auto document, json.render(scope));
    return value::to_json(document.root());
}

const spec::Type<EncryptedBody>& describe(spec::Tag<EncryptedBody>) {
    using Form = EncryptedBody::Form;
    static const auto form = spec::choice<Form>("encrypted_form", {{"wechat", Form::wechat}, {"feishu", Form::feishu}});
    static const auto type =
        spec::Object<EncryptedBody>("encrypted", "bodies that the platform encrypts")
            .field("form", &EncryptedBody::form, form, {.summary = "which platform's way"})
            .field("at", &EncryptedBody::at, spec::one_or_many(spec::type_of<Template>()),
                   {.summary = "the ciphertext; the first that has a value counts"})
            .field("key", &EncryptedBody::key, {.summary = "its key; when it is set, plain bodies are refused"})
            .field("receiver", &EncryptedBody::receiver, {.summary = "whose it must be, for wechat", .required = false})
            .field("token", &EncryptedBody::token,
                   {.summary = "signs encrypted answers, for wechat", .required = false})
            .type();
    return type;
}

const spec::Type<EncryptedAnswer>& describe(spec::Tag<EncryptedAnswer>) {
    static const auto type =
        spec::Object<EncryptedAnswer>("encrypted_answer", "an answer that the platform wants encrypted")
            .field("text", &EncryptedAnswer::text, {.summary = "what is encrypted"})
            .field("json", &EncryptedAnswer::json,
                   {.summary = "the answer, over {answer.text} {answer.signature} {answer.timestamp} {answer.nonce}"})
            .check([](const EncryptedAnswer& answer, const spec::Yaml&, spec::Problems& problems) {
                Names names;
                names.only("answer", {"text", "signature", "timestamp", "nonce"});
                answer.json.check(names, problems);
            })
            .type();
    return type;
}

}  // namespace tributary::connector

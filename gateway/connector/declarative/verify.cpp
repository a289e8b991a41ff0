#include "gateway/connector/declarative/verify.hpp"

#include "gateway/connector/declarative/signature_parts.hpp"
#include "gateway/crypto/ecdsa.hpp"
#include "gateway/crypto/equal.hpp"
#include "gateway/crypto/hmac.hpp"

namespace tributary::connector {
namespace {

// Without an early exit: how long it takes tells nothing about which one fits.
bool any_equal(std::string_view expected, const std::vector<std::string>& candidates) {
    bool found = false;
    for (const auto& candidate : candidates) found |= crypto::equal(expected, candidate);
    return found;
}

// The digest differs from type to type, the rest does not: `matches` says whether one key makes one of the signatures.
template <class Matches>
Result<void> verify_signed(const SignedMessage& message, SignatureValues& values, Timestamp now,
                           const TimeWindow& window, Matches matches) {
    TRY(auto signatures, read_signatures(message, values));
    TRY(auto signed_at, read_time(message.timestamp, values));
    TRY(auto keys, read_keys(message.key, message.key_encoding, message.key_prefix, values));
    bool found = false;
    for (const auto& key : keys) {
        TRY(bool fits, matches(key, signatures));
        found |= fits;
    }
    if (!found) return refuse(kSignatureMismatch);
    if (signed_at) return check_time(*message.timestamp, *signed_at, now, window);
    return {};
}

using Signatures = std::vector<std::string>;

Result<void> run(const HmacVerify& form, SignatureValues& values, Timestamp now, const TimeWindow& window) {
    return verify_signed(form, values, now, window,
                         [&](const crypto::SecretBytes& key, const Signatures& signatures) -> Result<bool> {
                             crypto::HmacKey mac(form.algorithm, key.reveal());
                             // The common case needs no copy of the body.
                             if (form.over.source() == "{body}")
                                 return any_equal(mac.sign(values.request().body), signatures);
                             TRY(auto text, signed_text(form, values));
                             return any_equal(mac.sign(text), signatures);
                         });
}

Result<void> run(const HashVerify& form, SignatureValues& values, Timestamp now, const TimeWindow& window) {
    return verify_signed(form, values, now, window,
                         [&](const crypto::SecretBytes& key, const Signatures& signatures) -> Result<bool> {
                             values.scope().bind("key", std::string(key.reveal()));
                             auto text = signed_text(form, values);
                             values.scope().unbind("key");
                             if (!text) return pass(std::move(text));
                             return any_equal(crypto::digest(form.algorithm, *text), signatures);
                         });
}

Result<void> run(const EcdsaVerify& form, SignatureValues& values, Timestamp now, const TimeWindow& window) {
    return verify_signed(form, values, now, window,
                         [&](const crypto::SecretBytes& key, const Signatures& signatures) -> Result<bool> {
                             TRY(auto public_key, crypto::EcdsaKey::parse(key.reveal()));
                             TRY(auto text, signed_text(form, values));
                             bool found = false;
                             for (const auto& signature : signatures) found |= public_key.verifies(text, signature);
                             return found;
                         });
}

// Both sides are hashed first: the comparison then tells nothing about the length of the secret either.
Result<void> compare(const StaticVerify& form, SignatureValues& values) {
    TRY(auto given, read_part(form.value, values, kSignatureMissing));
    if (given.empty()) return refuse(kSignatureMissing);
    TRY(auto keys, read_keys(form.key, KeyEncoding::text, "", values));
    auto digest = crypto::sha256(given);
    bool found = false;
    for (const auto& key : keys) found |= crypto::equal(crypto::sha256(key.reveal()).view(), digest.view());
    if (!found) return refuse(kSignatureMismatch);
    return {};
}

Result<void> run(const StaticVerify& form, SignatureValues& values, Timestamp, const TimeWindow&) {
    if (form.each.empty()) return compare(form, values);
    auto document = values.json();
    if (!document) return refuse(kSignatureMissing);
    auto items = (*document)->root().at_path(form.each);
    if (!items.is(value::Kind::array) || items.size() == 0) return refuse(kSignatureMissing);
    for (auto item : items) {
        values.scope().bind("item", item);
        auto fits = compare(form, values);
        values.scope().unbind("item");
        if (!fits) return fits;
    }
    return {};
}

Result<void> run(const JwtVerify& form, SignatureValues& values, Timestamp now, const TimeWindow& window) {
    return verify_jwt(form, values, now, window);
}

Result<void> run(const NoVerify&, SignatureValues&, Timestamp, const TimeWindow&) {
    return {};
}

Result<void> run(const AnyVerify& form, SignatureValues& values, Timestamp now, const TimeWindow& window) {
    Result<void> refusal = refuse(kSignatureMissing);
    bool accepted = false;
    for (const auto& each : form.of) {
        auto done = each.verify(values, now, window);
        if (done) {
            accepted = true;
        } else if (done.error().fault != Fault::unauthorized || refusal.error().what == kSignatureMissing) {
            // A secret that is not set matters only when nothing accepts.
            refusal = std::move(done);
        }
    }
    if (accepted) return {};
    return refusal;
}

}  // namespace

Result<void> Verify::verify(SignatureValues& values, Timestamp now, const TimeWindow& window) const {
    return std::visit([&](const auto& form) { return run(form, values, now, window); }, how);
}

}  // namespace tributary::connector

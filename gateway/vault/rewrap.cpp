#include "gateway/vault/rewrap.hpp"

#include "gateway/crypto/aead.hpp"
#include "gateway/vault/sealed_places.hpp"

namespace tributary::vault {
namespace {

constexpr std::size_t kIdSize = 16;

// The id of a key and the key.
Result<crypto::SecretBytes> unwrapped(const crypto::Place& place, std::string_view wrapped, const KeyRing& ring) {
    TRY(const auto envelope, crypto::Envelope::read(wrapped));
    const auto key = ring.find(envelope.key_id);
    if (!key) return fail(Fault::internal, ring.why_not(envelope.key_id));
    TRY(auto named, key->open_secret(place, wrapped));
    if (named.size() != kIdSize + 32) return fail(Fault::internal, "a wrapped key has the wrong size");
    return named;
}

Result<std::optional<std::string>> again(const crypto::Place& place, std::string_view wrapped, Use use,
                                         const KeyRing& ring, crypto::Random& random) {
    TRY(const auto envelope, crypto::Envelope::read(wrapped));
    const auto primary = ring.primary(use);
    if (envelope.key_id == primary->id()) return std::nullopt;
    TRY(const auto named, unwrapped(place, wrapped, ring));
    return primary->seal(place, named.reveal(), random);
}

}  // namespace

Result<std::optional<WrappedKey>> rewrapped(const WrappedKey& key, const KeyRing& ring, crypto::Random& random) {
    auto wrapped = again(place_of_subject_key(key.subject), key.wrapped, Use::subject, ring, random);
    if (!wrapped) return pass(std::move(wrapped), "subject " + key.subject.text());
    if (!*wrapped) return std::nullopt;
    TRY(const auto envelope, crypto::Envelope::read(**wrapped));
    return WrappedKey{key.subject, envelope.key_id, std::move(**wrapped)};
}

Result<std::optional<std::string>> rewrapped(const SealedSecret& secret, const KeyRing& ring, crypto::Random& random) {
    auto wrapped = again(place_of_secret("key", secret), secret.wrapped_key, Use::cred, ring, random);
    if (!wrapped) return pass(std::move(wrapped), "secret " + secret.name);
    return wrapped;
}

Result<void> check_opens(const WrappedKey& key, const KeyRing& ring) {
    auto opened = unwrapped(place_of_subject_key(key.subject), key.wrapped, ring);
    if (!opened) return pass(std::move(opened), "subject " + key.subject.text());
    return {};
}

Result<void> check_opens(const SealedSecret& secret, const KeyRing& ring) {
    const auto opened = [&]() -> Result<void> {
        TRY(auto named, unwrapped(place_of_secret("key", secret), secret.wrapped_key, ring));
        const crypto::AeadKey key(Uid::from_bytes(named.data().first<kIdSize>()),
                                  crypto::SecretBytes(named.reveal().substr(kIdSize)));
        CHECK_OK(key.open_secret(place_of_secret("fields", secret), secret.sealed));
        return {};
    };
    if (auto done = opened(); !done) return pass(std::move(done), "secret " + secret.name);
    return {};
}

}  // namespace tributary::vault

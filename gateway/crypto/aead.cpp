#include "gateway/crypto/aead.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

#include "gateway/crypto/gcm.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {
namespace {

constexpr std::string_view kMagic = "GV\x01";
constexpr std::size_t kKeySize = 32;

std::size_t nonce_size(Aead algorithm) {
    return algorithm == Aead::xaes_256_gcm ? 24 : 12;
}

void add_part(std::string& bytes, std::string_view part) {
    auto size = static_cast<std::uint32_t>(part.size());
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(size >> shift));
    bytes.append(part);
}

std::string authenticated(const Place& place, const Uid& key_id, Aead algorithm) {
    std::string bytes;
    bytes.reserve(place.bytes().size() + 32);
    bytes.append(place.bytes());
    add_part(bytes, key_id.view());
    bytes.push_back(static_cast<char>(algorithm));
    return bytes;
}

// The key of one message; wiped when it goes.
struct MessageKey {
    std::array<std::uint8_t, kKeySize> derived;
    std::string_view key, nonce;

    MessageKey(const SecretBytes& base, const SecretBytes& mask, Aead algorithm, std::string_view full_nonce) {
        if (algorithm == Aead::xaes_256_gcm) {
            gcm::xaes_key(base.reveal(), mask.reveal(), full_nonce, derived.data());
            key = {reinterpret_cast<const char*>(derived.data()), derived.size()};
            nonce = full_nonce.substr(12);
        } else {
            key = base.reveal();
            nonce = full_nonce;
        }
    }
    ~MessageKey() { wipe(derived); }
    MessageKey(const MessageKey&) = delete;
    MessageKey& operator=(const MessageKey&) = delete;
};

}  // namespace

Place& Place::add(std::string_view part) {
    add_part(bytes_, part);
    return *this;
}

Result<Envelope> Envelope::read(std::string_view sealed) {
    constexpr std::size_t kHead = 3 + 1 + 16;
    if (sealed.size() < kHead || !sealed.starts_with(kMagic))
        return fail(Fault::bad_input, "not a sealed value: it does not begin with the magic bytes of format 1");
    auto code = static_cast<std::uint8_t>(sealed[3]);
    if (code != 1 && code != 2) return fail(Fault::bad_input, "sealed with an algorithm that is not known here");
    Envelope envelope;
    envelope.algorithm = static_cast<Aead>(code);
    envelope.key_id = Uid::from_bytes(std::span<const std::uint8_t, 16>(openssl::bytes(sealed) + 4, 16));
    sealed.remove_prefix(kHead);
    auto nonce = nonce_size(envelope.algorithm);
    if (sealed.size() < nonce + gcm::kTagSize) return fail(Fault::bad_input, "a sealed value that was cut short");
    if (sealed.size() > std::numeric_limits<int>::max())
        return fail(Fault::bad_input, "a sealed value of more than 2 GB");
    envelope.nonce = sealed.substr(0, nonce);
    envelope.ciphertext = sealed.substr(nonce, sealed.size() - nonce - gcm::kTagSize);
    envelope.tag = sealed.substr(sealed.size() - gcm::kTagSize);
    return envelope;
}

AeadKey::AeadKey(Uid id, SecretBytes key, Aead algorithm) : id_(id), key_(std::move(key)), algorithm_(algorithm) {
    assert(key_.size() == kKeySize);
    if (algorithm_ == Aead::xaes_256_gcm) {
        subkey_mask_ = SecretBytes::of_size(16, Memory::plain);
        gcm::xaes_mask(key_.reveal(), subkey_mask_.data().data());
    }
}

AeadKey AeadKey::generate(Random& random, Aead algorithm) {
    Uid id;
    random.fill(id.bytes);
    return AeadKey(id, SecretBytes::random(kKeySize, random), algorithm);
}

std::string AeadKey::seal(const Place& place, std::string_view plaintext, Random& random) const {
    auto nonce = nonce_size(algorithm_);
    std::string out;
    out.resize(kMagic.size() + 1 + 16 + nonce + plaintext.size() + gcm::kTagSize);
    auto* at = out.data();
    at = std::ranges::copy(kMagic, at).out;
    *at++ = static_cast<char>(algorithm_);
    at = std::ranges::copy(id_.view(), at).out;
    random.fill({openssl::bytes(at), nonce});
    MessageKey message(key_, subkey_mask_, algorithm_, {at, nonce});
    gcm::seal(message.key, message.nonce, authenticated(place, id_, algorithm_), plaintext, openssl::bytes(at + nonce));
    return out;
}

namespace {

template <class Buffer>
Result<Buffer> open_into(const Place& place, std::string_view sealed, const Uid& id, Aead algorithm,
                         const SecretBytes& key, const SecretBytes& mask, Buffer (*make)(std::size_t),
                         std::uint8_t* (*start)(Buffer&)) {
    TRY(auto envelope, Envelope::read(sealed));
    if (envelope.key_id != id || envelope.algorithm != algorithm)
        return fail(Fault::not_found, "sealed with another key than the one at hand");
    MessageKey message(key, mask, algorithm, envelope.nonce);
    Buffer out = make(envelope.ciphertext.size());
    if (!gcm::open(message.key, message.nonce, authenticated(place, id, algorithm), envelope.ciphertext, envelope.tag,
                   start(out)))
        return fail(Fault::refused, "a sealed value does not open: it was changed, or it belongs to another place");
    return out;
}

}  // namespace

Result<std::string> AeadKey::open(const Place& place, std::string_view sealed) const {
    return open_into<std::string>(
        place, sealed, id_, algorithm_, key_, subkey_mask_, [](std::size_t size) { return std::string(size, '\0'); },
        [](std::string& out) { return openssl::bytes(out.data()); });
}

Result<SecretBytes> AeadKey::open_secret(const Place& place, std::string_view sealed) const {
    return open_into<SecretBytes>(
        place, sealed, id_, algorithm_, key_, subkey_mask_, [](std::size_t size) { return SecretBytes::of_size(size); },
        [](SecretBytes& out) { return out.data().data(); });
}

std::string AeadKey::check_value() const {
    return hmac(Hash::sha256, key_.reveal(), "kcv").substr(0, 16);
}

}  // namespace tributary::crypto

// AeadKey: seals bytes so that they open only with the same key and in the same place. There is no nonce to pass: every
// message draws its own.
//
// Form: "GV" | 1 | algorithm | key id (16) | nonce (24, or 12 for AES-256-GCM) | ciphertext | tag (16).
// XAES-256-GCM is c2sp.org/XAES-256-GCM. GCM does not commit to its key, so the key id and the algorithm are part of
// the authenticated data, and a foreign key id is refused before anything is decrypted.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::crypto {

enum class Aead : std::uint8_t { xaes_256_gcm = 1, aes_256_gcm = 2 };

// The place a value belongs to: each part is prefixed with its length, so no two lists read alike.
class Place {
  public:
    Place() = default;
    Place(std::initializer_list<std::string_view> parts) {
        for (auto part : parts) add(part);
    }
    Place& add(std::string_view part);
    std::string_view bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

// Immutable and safe from several threads.
class AeadKey {
  public:
    // REQUIRES: 32 bytes of key; the id is random or a keyed hash and never used for another key.
    AeadKey(Uid id, SecretBytes key, Aead algorithm = Aead::xaes_256_gcm);
    static AeadKey generate(Random& random, Aead algorithm = Aead::xaes_256_gcm);

    const Uid& id() const { return id_; }
    // AES-256-GCM has 96-bit nonces: seal at most 2^32 messages with one such key.
    std::string seal(const Place& place, std::string_view plaintext, Random& random) const;
    // Fault::bad_input: not in our form. Fault::not_found: sealed with another key. Fault::refused: changed, or moved
    // from another place.
    Result<std::string> open(const Place& place, std::string_view sealed) const;
    Result<SecretBytes> open_secret(const Place& place, std::string_view sealed) const;
    // The raw key, to be wrapped by another one.
    const SecretBytes& key() const { return key_; }
    // HMAC(key, "kcv"), 16 bytes: tells whether this is the right key without revealing it.
    std::string check_value() const;

  private:
    Uid id_;
    SecretBytes key_;
    SecretBytes subkey_mask_;  // K1 of XAES, derived once
    Aead algorithm_;
};

// What can be read of a sealed value without its key.
struct Envelope {
    Aead algorithm;
    Uid key_id;
    std::string_view nonce, ciphertext, tag;

    // bad_input when it is not one; views into `sealed`.
    static Result<Envelope> read(std::string_view sealed);
};

// How many bytes sealing adds.
constexpr std::size_t kSealOverhead = 2 + 1 + 1 + 16 + 24 + 16;

}  // namespace tributary::crypto

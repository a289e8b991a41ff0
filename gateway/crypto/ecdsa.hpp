// EcdsaKey: checks ECDSA signatures on P-256 with SHA-256 (SendGrid's event webhook; ES256 of JWTs, RFC 7518 3.4).
#pragma once

#include <memory>
#include <string_view>

#include "gateway/base/result.hpp"

namespace tributary::crypto {

// Immutable and safe from several threads.
class EcdsaKey {
  public:
    // A SubjectPublicKeyInfo in base64, with or without PEM armour. Fault::bad_config for anything but a P-256 key.
    static Result<EcdsaKey> parse(std::string_view base64_spki);
    // The coordinates of a point, 32 bytes each (x and y of a JWK). Fault::bad_config: not a point on P-256.
    static Result<EcdsaKey> from_point(std::string_view x, std::string_view y);
    ~EcdsaKey();
    EcdsaKey(EcdsaKey&&) noexcept;
    EcdsaKey& operator=(EcdsaKey&&) noexcept;

    bool verifies(std::string_view message, std::string_view der_signature) const;
    // The same for a signature of two numbers of 32 bytes, one after the other.
    bool verifies_pair(std::string_view message, std::string_view r_and_s) const;

  private:
    struct Impl;
    explicit EcdsaKey(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::crypto

// RSA signatures, PKCS#1 v1.5 with SHA-256: RS256 of JWTs (RFC 7518 section 3.3).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"

namespace tributary::crypto {

// A private key. Safe from several threads.
class RsaKey {
  public:
    ~RsaKey();
    RsaKey(RsaKey&&) noexcept;
    RsaKey& operator=(RsaKey&&) noexcept;

    // PEM, PKCS#8 or PKCS#1, without a password. Fault::bad_config: no such key, or fewer than 2048 bits.
    static Result<RsaKey> parse(std::string_view pem);
    std::string sign_sha256(std::string_view message) const;

  private:
    struct Impl;
    explicit RsaKey(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// A public key. Immutable and safe from several threads.
class RsaPublicKey {
  public:
    ~RsaPublicKey();
    RsaPublicKey(RsaPublicKey&&) noexcept;
    RsaPublicKey& operator=(RsaPublicKey&&) noexcept;

    // Big-endian bytes (n and e of a JWK, RFC 7518 section 6.3). Fault::bad_config: a modulus that is not of 2048 to
    // 8192 bits, or an exponent that is even, 1 or longer than 64 bits.
    static Result<RsaPublicKey> from_numbers(std::string_view modulus, std::string_view exponent);
    bool verifies_sha256(std::string_view message, std::string_view signature) const;

  private:
    struct Impl;
    explicit RsaPublicKey(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::crypto

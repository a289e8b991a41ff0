// EcdsaKey: checks ECDSA signatures on P-256 with SHA-256 (SendGrid's event webhook).
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
    ~EcdsaKey();
    EcdsaKey(EcdsaKey&&) noexcept;
    EcdsaKey& operator=(EcdsaKey&&) noexcept;

    bool verifies(std::string_view message, std::string_view der_signature) const;

  private:
    struct Impl;
    explicit EcdsaKey(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::crypto

// HmacKey: a key made ready once and used for many messages; hmac() is the one-shot form.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/crypto/digest.hpp"

namespace tributary::crypto {

// Safe from several threads: each call borrows a keyed context from a small pool.
class HmacKey {
  public:
    HmacKey(Hash hash, std::string_view key);
    ~HmacKey();
    HmacKey(HmacKey&&) noexcept;
    HmacKey& operator=(HmacKey&&) noexcept;

    // The raw code, as long as the hash's digest.
    std::string sign(std::string_view message) const;
    // REQUIRES: the hash is sha256.
    Digest<32> sign_sha256(std::string_view message) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

std::string hmac(Hash hash, std::string_view key, std::string_view message);

}  // namespace tributary::crypto

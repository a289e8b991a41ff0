// Master: the key at the root of the vault, from a file, an open descriptor or a passphrase. It is never made silently:
// a missing file is an error, and only create_master_file() writes one.
#pragma once

#include <filesystem>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::vault {

class Master {
  public:
    // 32 random bytes in base64. Fault::bad_config unless it is a regular file, owned by this user or root, with mode
    // 0400 or 0600.
    static Result<Master> from_file(const std::filesystem::path& path);
    // The same text from a descriptor that the parent opened; closed after reading.
    static Result<Master> from_descriptor(int descriptor);
    // At least 12 bytes. Each key ring costs one scrypt (0.3 s, 128 MiB) to open.
    static Result<Master> from_passphrase(crypto::SecretBytes passphrase);

    // The key that wraps one ring; `salt` is the ring's own.
    Result<crypto::AeadKey> root(std::string_view salt) const;

  private:
    Master(crypto::SecretBytes secret, bool passphrase) : secret_(std::move(secret)), passphrase_(passphrase) {}
    crypto::SecretBytes secret_;
    bool passphrase_;
};

// Writes a new master key with mode 0400. Fault::conflict when the file exists: a master key is never overwritten.
Result<void> create_master_file(const std::filesystem::path& path, crypto::Random& random);

}  // namespace tributary::vault

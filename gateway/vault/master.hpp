// Master: the key at the root of the vault, from a file, an open descriptor, a passphrase or a key service. It is never
// made silently: a missing file is an error, and only create_master_file() writes one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/crypto/secret_bytes.hpp"
#include "gateway/vault/kms.hpp"

namespace tributary::vault {

// What a key ring keeps in clear, so that its master finds the root key again.
struct RootRecord {
    std::string salt;     // 16 bytes
    WrappedRoot wrapped;  // empty unless a key service keeps the root
    friend bool operator==(const RootRecord& a, const RootRecord& b) {
        return a.salt == b.salt && a.wrapped.key_id == b.wrapped.key_id && a.wrapped.bytes == b.wrapped.bytes;
    }
};

struct Root {
    RootRecord record;
    std::shared_ptr<const crypto::AeadKey> key;  // seals the keys of the ring
};

class Master {
  public:
    // 32 random bytes in base64. Fault::bad_config unless it is a regular file, owned by this user or root, with mode
    // 0400 or 0600.
    static Result<Master> from_file(const std::filesystem::path& path);
    // The same text from a descriptor that the parent opened; closed after reading.
    static Result<Master> from_descriptor(int descriptor);
    // At least 12 bytes. Each key ring costs one scrypt (0.3 s, 128 MiB) to open.
    static Result<Master> from_passphrase(crypto::SecretBytes passphrase);
    // Each ring costs one call of the service to open.
    static Master from_kms(std::shared_ptr<Kms> kms);

    // A root of its own for one ring.
    Result<Root> make_root(crypto::Random& random) const;
    // Of a ring that was sealed with another master the key is another one too, or there is none.
    Result<Root> open_root(RootRecord record) const;

  private:
    enum class Kind : std::uint8_t { key, passphrase, kms };
    Master(Kind kind, crypto::SecretBytes secret, std::shared_ptr<Kms> kms = nullptr)
        : kind_(kind), secret_(std::move(secret)), kms_(std::move(kms)) {}
    Kind kind_;
    crypto::SecretBytes secret_;
    std::shared_ptr<Kms> kms_;
};

// Writes a new master key with mode 0400. Fault::conflict when the file exists: a master key is never overwritten.
Result<void> create_master_file(const std::filesystem::path& path, crypto::Random& random);

}  // namespace tributary::vault

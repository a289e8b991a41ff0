#include "gateway/vault/master.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/hkdf.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/crypto/scrypt.hpp"
#include "gateway/vault/key_file.hpp"

namespace tributary::vault {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kShortestPassphrase = 12;
constexpr std::size_t kSaltSize = 16;

Result<crypto::SecretBytes> read_key(const crypto::SecretBytes& text) {
    auto decoded = from_base64(trim(text.reveal()));
    if (!decoded || decoded->size() != kKeySize)
        return fail(Fault::bad_config, "a master key must be 32 bytes in base64");
    crypto::SecretBytes key(*decoded);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(decoded->data()), decoded->size()});
    return key;
}

// The id is derived from the key, so that a ring sealed with another master is told apart from a damaged one.
Root named(RootRecord record, crypto::SecretBytes key) {
    auto name = crypto::hmac(crypto::Hash::sha256, key.reveal(), "tributary root id");
    auto id =
        Uid::from_bytes(std::span<const std::uint8_t, 16>(reinterpret_cast<const std::uint8_t*>(name.data()), 16));
    return {std::move(record), std::make_shared<const crypto::AeadKey>(id, std::move(key))};
}

}  // namespace

Result<Master> Master::from_file(const std::filesystem::path& path) {
    TRY(auto text, read_key_file(path));
    auto key = read_key(text);
    if (!key) return pass(std::move(key), path.string());
    return Master(Kind::key, std::move(*key));
}

Result<Master> Master::from_descriptor(int descriptor) {
    TRY(auto text, read_descriptor(descriptor));
    TRY(auto key, read_key(text));
    return Master(Kind::key, std::move(key));
}

Result<Master> Master::from_passphrase(crypto::SecretBytes passphrase) {
    if (passphrase.size() < kShortestPassphrase)
        return fail(Fault::bad_config, "a passphrase for the master key must have at least 12 characters");
    return Master(Kind::passphrase, std::move(passphrase));
}

Master Master::from_kms(std::shared_ptr<Kms> kms) {
    return Master(Kind::kms, {}, std::move(kms));
}

Result<Root> Master::make_root(crypto::Random& random) const {
    RootRecord record{crypto::random_bytes(kSaltSize, random), {}};
    if (kind_ != Kind::kms) return open_root(std::move(record));
    auto key = crypto::SecretBytes::random(kKeySize, random);
    TRY(record.wrapped, kms_->wrap(key));
    auto root = named(std::move(record), std::move(key));
    // A service that wraps what it cannot unwrap would be noticed at the next start, when it is too late.
    TRY(const auto again, open_root(root.record));
    if (again.key->id() != root.key->id())
        return fail(Fault::bad_config, "the key service does not give back the key that it wrapped");
    return root;
}

Result<Root> Master::open_root(RootRecord record) const {
    const bool of_service = !record.wrapped.bytes.empty();
    if (of_service != (kind_ == Kind::kms))
        return fail(Fault::bad_config, of_service
                                           ? "this key ring is sealed with a key service, not with a master key"
                                           : "this key ring is sealed with a master key, not with a key service");
    crypto::SecretBytes key;
    switch (kind_) {
        case Kind::key:
            key = crypto::hkdf_sha256(secret_.reveal(), record.salt, "tributary key ring", kKeySize);
            break;
        case Kind::passphrase: {
            TRY(key, crypto::scrypt(secret_.reveal(), record.salt, kKeySize));
            break;
        }
        case Kind::kms: {
            TRY(key, kms_->unwrap(record.wrapped));
            if (key.size() != kKeySize)
                return fail(Fault::bad_config, "the key service gave a key of another size than 32 bytes");
        }
    }
    return named(std::move(record), std::move(key));
}

Result<void> create_master_file(const std::filesystem::path& path, crypto::Random& random) {
    auto key = crypto::SecretBytes::random(kKeySize, random);
    auto text = to_base64(key.reveal()) + "\n";
    auto written = write_new_file(path, text, 0400);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return written;
}

}  // namespace tributary::vault

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

Result<crypto::SecretBytes> read_key(const crypto::SecretBytes& text) {
    auto decoded = from_base64(trim(text.reveal()));
    if (!decoded || decoded->size() != kKeySize)
        return fail(Fault::bad_config, "a master key must be 32 bytes in base64");
    crypto::SecretBytes key(*decoded);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(decoded->data()), decoded->size()});
    return key;
}

}  // namespace

Result<Master> Master::from_file(const std::filesystem::path& path) {
    TRY(auto text, read_key_file(path));
    auto key = read_key(text);
    if (!key) return pass(std::move(key), path.string());
    return Master(std::move(*key), false);
}

Result<Master> Master::from_descriptor(int descriptor) {
    TRY(auto text, read_descriptor(descriptor));
    TRY(auto key, read_key(text));
    return Master(std::move(key), false);
}

Result<Master> Master::from_passphrase(crypto::SecretBytes passphrase) {
    if (passphrase.size() < kShortestPassphrase)
        return fail(Fault::bad_config, "a passphrase for the master key must have at least 12 characters");
    return Master(std::move(passphrase), true);
}

Result<crypto::AeadKey> Master::root(std::string_view salt) const {
    crypto::SecretBytes key;
    if (passphrase_) {
        TRY(key, crypto::scrypt(secret_.reveal(), salt, kKeySize));
    } else {
        key = crypto::hkdf_sha256(secret_.reveal(), salt, "tributary key ring", kKeySize);
    }
    // Derived from the key, so that a ring sealed with another master is told apart from a damaged one.
    auto name = crypto::hmac(crypto::Hash::sha256, key.reveal(), "tributary root id");
    auto id =
        Uid::from_bytes(std::span<const std::uint8_t, 16>(reinterpret_cast<const std::uint8_t*>(name.data()), 16));
    return crypto::AeadKey(id, std::move(key));
}

Result<void> create_master_file(const std::filesystem::path& path, crypto::Random& random) {
    auto key = crypto::SecretBytes::random(kKeySize, random);
    auto text = to_base64(key.reveal()) + "\n";
    auto written = write_new_file(path, text, 0400);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return written;
}

}  // namespace tributary::vault

#include "gateway/crypto/ed25519.hpp"

#include <openssl/err.h>

#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {
namespace {

openssl::Key private_key(const SecretBytes& seed) {
    openssl::Key key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, openssl::bytes(seed.reveal()), seed.size()));
    openssl::must(key != nullptr, "ed25519 key");
    return key;
}

}  // namespace

std::string ed25519_public_key(const SecretBytes& seed) {
    std::string out(32, '\0');
    std::size_t size = out.size();
    openssl::must(EVP_PKEY_get_raw_public_key(private_key(seed).get(), openssl::bytes(out.data()), &size) == 1,
                  "ed25519 public key");
    return out;
}

std::string ed25519_sign(const SecretBytes& seed, std::string_view message) {
    auto key = private_key(seed);
    openssl::MdContext context(EVP_MD_CTX_new());
    std::string out(64, '\0');
    std::size_t size = out.size();
    bool done =
        context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
        EVP_DigestSign(context.get(), openssl::bytes(out.data()), &size, openssl::bytes(message), message.size()) == 1;
    openssl::must(done, "ed25519 signature");
    return out;
}

bool ed25519_verifies(std::string_view public_key, std::string_view message, std::string_view signature) {
    openssl::Key key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, openssl::bytes(public_key), public_key.size()));
    openssl::MdContext context(EVP_MD_CTX_new());
    bool good = key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                EVP_DigestVerify(context.get(), openssl::bytes(signature), signature.size(), openssl::bytes(message),
                                 message.size()) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace tributary::crypto

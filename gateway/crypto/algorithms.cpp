#include "gateway/crypto/algorithms.hpp"

#include <array>
#include <string>

#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto::openssl {
namespace {

// Never freed: they live as long as the library, which cleans up in an order of its own.
EVP_MD* fetch_digest(const char* name) {
    auto* found = EVP_MD_fetch(nullptr, name, nullptr);
    must(found != nullptr, name);
    return found;
}
EVP_CIPHER* fetch_cipher(const char* name) {
    auto* found = EVP_CIPHER_fetch(nullptr, name, nullptr);
    must(found != nullptr, name);
    return found;
}

}  // namespace

const EVP_MD* algorithm(Hash hash) {
    static const std::array<EVP_MD*, 4> fetched{fetch_digest("MD5"), fetch_digest("SHA1"), fetch_digest("SHA256"),
                                                fetch_digest("SHA512")};
    return fetched[static_cast<std::size_t>(hash)];
}

EVP_MAC* hmac_algorithm() {
    static EVP_MAC* const fetched = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    must(fetched != nullptr, "HMAC");
    return fetched;
}

const EVP_CIPHER* aes_256_gcm() {
    static EVP_CIPHER* const fetched = fetch_cipher("AES-256-GCM");
    return fetched;
}
const EVP_CIPHER* aes_256_ecb() {
    static EVP_CIPHER* const fetched = fetch_cipher("AES-256-ECB");
    return fetched;
}
const EVP_CIPHER* aes_256_cbc() {
    static EVP_CIPHER* const fetched = fetch_cipher("AES-256-CBC");
    return fetched;
}

}  // namespace tributary::crypto::openssl

#include "gateway/crypto/hkdf.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>

#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {
namespace {

using KdfContext = std::unique_ptr<EVP_KDF_CTX, openssl::Deleter<EVP_KDF_CTX_free>>;

OSSL_PARAM octets(const char* name, std::string_view bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.empty() ? "" : bytes.data()), bytes.size());
}

}  // namespace

SecretBytes hkdf_sha256(std::string_view key, std::string_view salt, std::string_view info, std::size_t size) {
    static EVP_KDF* const fetched = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
    KdfContext context(EVP_KDF_CTX_new(fetched));
    char name[] = "SHA256";
    std::array<OSSL_PARAM, 5> parameters{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name, 0),
                                         octets(OSSL_KDF_PARAM_KEY, key), octets(OSSL_KDF_PARAM_SALT, salt),
                                         octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
    auto out = SecretBytes::of_size(size);
    openssl::must(context && EVP_KDF_derive(context.get(), out.data().data(), size, parameters.data()) == 1, "hkdf");
    return out;
}

}  // namespace tributary::crypto

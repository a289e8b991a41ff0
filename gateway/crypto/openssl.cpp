#include "gateway/crypto/openssl.hpp"

#include <openssl/err.h>

#include <cstdio>
#include <cstdlib>

#include "gateway/crypto/algorithms.hpp"

namespace tributary::crypto::openssl {

void die(std::string_view operation) {
    std::fprintf(stderr, "tributary: the cryptographic library cannot go on: %.*s\n",
                 static_cast<int>(operation.size()), operation.data());
    std::abort();
}

bool verifies_sha256(EVP_PKEY* key, std::string_view message, std::string_view signature) {
    const MdContext context(EVP_MD_CTX_new());
    must(context && EVP_DigestVerifyInit(context.get(), nullptr, algorithm(Hash::sha256), nullptr, key) == 1,
         "signature verification");
    const bool good =
        EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message), message.size()) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace tributary::crypto::openssl

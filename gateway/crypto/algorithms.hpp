// OpenSSL's algorithms, fetched once for the process: fetching by name costs more than hashing a small message. For the
// .cpp files of this folder alone.
#pragma once

#include <openssl/evp.h>

#include "gateway/crypto/digest.hpp"

namespace tributary::crypto::openssl {

const EVP_MD* algorithm(Hash hash);
EVP_MAC* hmac_algorithm();
const EVP_CIPHER* aes_256_gcm();
const EVP_CIPHER* aes_256_ecb();
const EVP_CIPHER* aes_256_cbc();

}  // namespace tributary::crypto::openssl

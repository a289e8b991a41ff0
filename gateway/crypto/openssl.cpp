#include "gateway/crypto/openssl.hpp"

#include <cstdio>
#include <cstdlib>

namespace tributary::crypto::openssl {

void die(std::string_view operation) {
    std::fprintf(stderr, "tributary: the cryptographic library cannot go on: %.*s\n",
                 static_cast<int>(operation.size()), operation.data());
    std::abort();
}

}  // namespace tributary::crypto::openssl

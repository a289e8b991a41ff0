// Owning pointers for OpenSSL's objects, and the end of the process when it cannot work. For the .cpp files of this
// folder alone.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace tributary::crypto::openssl {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using MdContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Deleter<EVP_MAC_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

// For what cannot fail while the library and the memory are sound: going on would be unsafe.
[[noreturn]] void die(std::string_view operation);
inline void must(bool done, std::string_view operation) {
    if (!done) die(operation);
}

// Whether `signature` over the SHA-256 of `message` is of this public key, in the form that its kind of key has.
bool verifies_sha256(EVP_PKEY* key, std::string_view message, std::string_view signature);

inline const std::uint8_t* bytes(std::string_view text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}
inline std::uint8_t* bytes(char* text) {
    return reinterpret_cast<std::uint8_t*>(text);
}

}  // namespace tributary::crypto::openssl

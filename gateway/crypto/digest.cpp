#include "gateway/crypto/digest.hpp"

#include "gateway/crypto/algorithms.hpp"
#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {
namespace {

unsigned hash_into(Hash hash, std::string_view bytes, std::uint8_t* out) {
    thread_local const openssl::MdContext context(EVP_MD_CTX_new());
    unsigned size = 0;
    bool done = context && EVP_DigestInit_ex2(context.get(), openssl::algorithm(hash), nullptr) == 1 &&
                EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
                EVP_DigestFinal_ex(context.get(), out, &size) == 1;
    openssl::must(done, "digest");
    return size;
}

}  // namespace

std::string_view name_of(Hash hash) {
    switch (hash) {
        case Hash::md5:
            return "md5";
        case Hash::sha1:
            return "sha1";
        case Hash::sha256:
            return "sha256";
        case Hash::sha512:
            return "sha512";
    }
    return "unknown";
}

std::string digest(Hash hash, std::string_view bytes) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    out.resize(hash_into(hash, bytes, openssl::bytes(out.data())));
    return out;
}

Digest<32> sha256(std::string_view bytes) {
    Digest<32> out;
    hash_into(Hash::sha256, bytes, out.data());
    return out;
}

}  // namespace tributary::crypto

#include "gateway/crypto/aes_cbc.hpp"

#include <cassert>
#include <limits>

#include "gateway/crypto/algorithms.hpp"
#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {
namespace {

std::string run_cbc(bool encrypt, std::string_view key, std::string_view iv, std::string_view in) {
    assert(key.size() == 32 && iv.size() == 16);
    openssl::CipherContext context(EVP_CIPHER_CTX_new());
    std::string out(in.size() + 16, '\0');
    int written = 0;
    bool done = context &&
                EVP_CipherInit_ex2(context.get(), openssl::aes_256_cbc(), openssl::bytes(key), openssl::bytes(iv),
                                   encrypt ? 1 : 0, nullptr) == 1 &&
                EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
                EVP_CipherUpdate(context.get(), openssl::bytes(out.data()), &written, openssl::bytes(in),
                                 static_cast<int>(in.size())) == 1 &&
                static_cast<std::size_t>(written) == in.size();
    openssl::must(done, "aes-256-cbc");
    out.resize(in.size());
    return out;
}

}  // namespace

std::string encrypt_aes_256_cbc(std::string_view key, std::string_view iv, std::string_view plaintext,
                                std::size_t block) {
    assert(block % 16 == 0 && block > 0 && block < 256);
    std::size_t padding = block - plaintext.size() % block;
    std::string padded(plaintext);
    padded.append(padding, static_cast<char>(padding));
    return run_cbc(true, key, iv, padded);
}

Result<std::string> decrypt_aes_256_cbc(std::string_view key, std::string_view iv, std::string_view ciphertext,
                                        std::size_t block) {
    auto wrong = fail(Fault::bad_input, "an encrypted body does not decrypt with this key");
    if (ciphertext.empty() || ciphertext.size() % 16 != 0 || ciphertext.size() > std::numeric_limits<int>::max())
        return wrong;
    auto padded = run_cbc(false, key, iv, ciphertext);
    std::size_t padding = static_cast<unsigned char>(padded.back());
    if (padding == 0 || padding > block || padding > padded.size()) return wrong;
    for (std::size_t i = padded.size() - padding; i < padded.size(); ++i)
        if (static_cast<unsigned char>(padded[i]) != padding) return wrong;
    padded.resize(padded.size() - padding);
    return padded;
}

}  // namespace tributary::crypto

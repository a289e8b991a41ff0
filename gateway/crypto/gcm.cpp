#include "gateway/crypto/gcm.hpp"

#include <algorithm>

#include "gateway/crypto/algorithms.hpp"
#include "gateway/crypto/openssl.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::crypto::gcm {
namespace {

// One context a thread and purpose, keyed anew for each message: no allocation, and nothing shared.
EVP_CIPHER_CTX* sealing_context() {
    thread_local const openssl::CipherContext context(EVP_CIPHER_CTX_new());
    return context.get();
}
EVP_CIPHER_CTX* block_context() {
    thread_local const openssl::CipherContext context(EVP_CIPHER_CTX_new());
    return context.get();
}

void encrypt_blocks(std::string_view key, const std::uint8_t* in, int size, std::uint8_t* out) {
    auto* context = block_context();
    int written = 0;
    bool done = context &&
                EVP_EncryptInit_ex2(context, openssl::aes_256_ecb(), openssl::bytes(key), nullptr, nullptr) == 1 &&
                EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                EVP_EncryptUpdate(context, out, &written, in, size) == 1 && written == size;
    openssl::must(done, "aes block");
}

}  // namespace

void seal(std::string_view key, std::string_view nonce, std::string_view aad, std::string_view plaintext,
          std::uint8_t* out) {
    auto* context = sealing_context();
    int written = 0;
    auto* tag = out + plaintext.size();
    bool done =
        context &&
        EVP_EncryptInit_ex2(context, openssl::aes_256_gcm(), openssl::bytes(key), openssl::bytes(nonce), nullptr) ==
            1 &&
        EVP_EncryptUpdate(context, nullptr, &written, openssl::bytes(aad), static_cast<int>(aad.size())) == 1 &&
        EVP_EncryptUpdate(context, out, &written, openssl::bytes(plaintext), static_cast<int>(plaintext.size())) == 1 &&
        EVP_EncryptFinal_ex(context, tag, &written) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagSize), tag) == 1;
    openssl::must(done, "aes-256-gcm seal");
}

bool open(std::string_view key, std::string_view nonce, std::string_view aad, std::string_view ciphertext,
          std::string_view tag, std::uint8_t* out) {
    auto* context = sealing_context();
    int written = 0;
    std::array<std::uint8_t, kTagSize> expected;
    std::ranges::copy(tag, expected.begin());
    bool ready =
        context &&
        EVP_DecryptInit_ex2(context, openssl::aes_256_gcm(), openssl::bytes(key), openssl::bytes(nonce), nullptr) ==
            1 &&
        EVP_DecryptUpdate(context, nullptr, &written, openssl::bytes(aad), static_cast<int>(aad.size())) == 1 &&
        EVP_DecryptUpdate(context, out, &written, openssl::bytes(ciphertext), static_cast<int>(ciphertext.size())) ==
            1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagSize), expected.data()) == 1;
    openssl::must(ready, "aes-256-gcm open");
    if (EVP_DecryptFinal_ex(context, out + ciphertext.size(), &written) == 1) return true;
    wipe({out, ciphertext.size()});
    return false;
}

void xaes_mask(std::string_view key, std::uint8_t out[16]) {
    const std::array<std::uint8_t, 16> zero{};
    encrypt_blocks(key, zero.data(), 16, out);
    auto carry = static_cast<std::uint8_t>(out[0] >> 7);
    for (int i = 0; i < 15; ++i) out[i] = static_cast<std::uint8_t>(out[i] << 1 | out[i + 1] >> 7);
    out[15] = static_cast<std::uint8_t>(out[15] << 1 ^ carry * 0x87);
}

void xaes_key(std::string_view key, std::string_view mask, std::string_view nonce, std::uint8_t out[32]) {
    std::array<std::uint8_t, 32> blocks{};
    for (std::size_t block : {0U, 1U}) {
        auto* at = blocks.data() + 16 * block;
        at[1] = static_cast<std::uint8_t>(block + 1);
        at[2] = 'X';
        std::ranges::copy(nonce.substr(0, 12), at + 4);
        for (std::size_t i = 0; i < 16; ++i) at[i] ^= static_cast<std::uint8_t>(mask[i]);
    }
    encrypt_blocks(key, blocks.data(), 32, out);
}

}  // namespace tributary::crypto::gcm

// AES-256-CBC, for the encrypted envelopes of WeChat, WeCom, DingTalk and Feishu. It does not authenticate: check the
// platform's signature first. Our own data is sealed with AeadKey.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"

namespace tributary::crypto {

// PKCS#7 padding to `block` bytes: 16, or the 32 of WeChat and its kin. REQUIRES: key of 32 bytes, iv of 16.
std::string encrypt_aes_256_cbc(std::string_view key, std::string_view iv, std::string_view plaintext,
                                std::size_t block = 16);
// Fault::bad_input when the length is not whole blocks or any padding byte is wrong; one text for both.
Result<std::string> decrypt_aes_256_cbc(std::string_view key, std::string_view iv, std::string_view ciphertext,
                                        std::size_t block = 16);

}  // namespace tributary::crypto

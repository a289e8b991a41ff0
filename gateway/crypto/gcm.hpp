// AES-256-GCM and the key derivation of XAES-256-GCM, with the nonce as a parameter: the raw parts of AeadKey, apart so
// that published vectors can test them. Nobody outside this folder calls them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tributary::crypto::gcm {

constexpr std::size_t kTagSize = 16;

// Writes ciphertext and tag, plaintext.size() + 16 bytes. REQUIRES: key 32 bytes, nonce 12.
void seal(std::string_view key, std::string_view nonce, std::string_view aad, std::string_view plaintext,
          std::uint8_t* out);
// Writes ciphertext.size() bytes; false when the tag is wrong, and then `out` is zeroed.
bool open(std::string_view key, std::string_view nonce, std::string_view aad, std::string_view ciphertext,
          std::string_view tag, std::uint8_t* out);

// K1 of c2sp.org/XAES-256-GCM: AES(key, 0) doubled in GF(2^128).
void xaes_mask(std::string_view key, std::uint8_t out[16]);
// The message key for the first 12 bytes of the nonce; wiped by the caller.
void xaes_key(std::string_view key, std::string_view mask, std::string_view nonce, std::uint8_t out[32]);

}  // namespace tributary::crypto::gcm

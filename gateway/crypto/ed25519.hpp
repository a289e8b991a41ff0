// Ed25519 (RFC 8032): signatures over audit checkpoints and receipts. Keys and signatures are raw bytes.
#pragma once

#include <string>
#include <string_view>

#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::crypto {

// REQUIRES: a seed of 32 bytes.
std::string ed25519_public_key(const SecretBytes& seed);
std::string ed25519_sign(const SecretBytes& seed, std::string_view message);
// False for a key or a signature of the wrong length too.
bool ed25519_verifies(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace tributary::crypto

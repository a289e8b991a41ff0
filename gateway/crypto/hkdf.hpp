// HKDF-SHA256 (RFC 5869): sub-keys of a uniform key. Not for passphrases; those go through scrypt.
#pragma once

#include <cstddef>
#include <string_view>

#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::crypto {

// REQUIRES: size <= 255 * 32.
SecretBytes hkdf_sha256(std::string_view key, std::string_view salt, std::string_view info, std::size_t size = 32);

}  // namespace tributary::crypto

// scrypt (RFC 7914): a key from a passphrase, slow on purpose: N = 2^17 takes 128 MiB and some 0.3 s.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::crypto {

struct ScryptCost {
    std::uint64_t n = 1 << 17;
    std::uint64_t r = 8;
    std::uint64_t p = 1;
};

// Fault::internal when the memory is not there, bad_input when the cost is no valid one.
Result<SecretBytes> scrypt(std::string_view passphrase, std::string_view salt, std::size_t size = 32,
                           ScryptCost cost = {});

}  // namespace tributary::crypto

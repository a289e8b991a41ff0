#include "gateway/crypto/scrypt.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <bit>

#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {

Result<SecretBytes> scrypt(std::string_view passphrase, std::string_view salt, std::size_t size, ScryptCost cost) {
    constexpr std::uint64_t kMostMemory = 2ULL << 30;
    if (!std::has_single_bit(cost.n) || cost.n < 2 || cost.n > 1 << 24 || cost.r == 0 || cost.r > 64 || cost.p == 0 ||
        cost.p > 64 || 128 * cost.n * cost.r > kMostMemory)
        return fail(Fault::bad_input,
                    "scrypt's cost must be a power of two N, small r and p, and at most 2 GB of memory");
    auto out = SecretBytes::of_size(size);
    int done = EVP_PBE_scrypt(passphrase.data(), passphrase.size(), openssl::bytes(salt), salt.size(), cost.n, cost.r,
                              cost.p, kMostMemory + (64 << 20), out.data().data(), size);
    if (done != 1) {
        ERR_clear_error();
        return fail(Fault::internal, "scrypt found no memory for its cost");
    }
    return out;
}

}  // namespace tributary::crypto

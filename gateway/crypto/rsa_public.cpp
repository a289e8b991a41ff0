// RsaPublicKey of rsa.hpp.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "gateway/crypto/openssl.hpp"
#include "gateway/crypto/rsa.hpp"

namespace tributary::crypto {
namespace {

using Number = std::unique_ptr<BIGNUM, openssl::Deleter<BN_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, openssl::Deleter<OSSL_PARAM_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, openssl::Deleter<OSSL_PARAM_BLD_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, openssl::Deleter<EVP_PKEY_CTX_free>>;

constexpr int kFewestBits = 2048, kMostBits = 8192, kLongestExponent = 64;

// REQUIRES: at most a few KB.
Number number(std::string_view bytes) {
    Number out(BN_bin2bn(openssl::bytes(bytes), static_cast<int>(bytes.size()), nullptr));
    openssl::must(out != nullptr, "BN_bin2bn");
    return out;
}

openssl::Key key_of(const BIGNUM* modulus, const BIGNUM* exponent) {
    const Builder builder(OSSL_PARAM_BLD_new());
    openssl::must(builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
                      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent) == 1,
                  "OSSL_PARAM_BLD");
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    openssl::must(parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1, "EVP_PKEY_fromdata_init");
    EVP_PKEY* made = nullptr;
    const bool done = EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
    ERR_clear_error();
    return openssl::Key(done ? made : nullptr);
}

}  // namespace

struct RsaPublicKey::Impl {
    openssl::Key key;
};

RsaPublicKey::RsaPublicKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RsaPublicKey::~RsaPublicKey() = default;
RsaPublicKey::RsaPublicKey(RsaPublicKey&&) noexcept = default;
RsaPublicKey& RsaPublicKey::operator=(RsaPublicKey&&) noexcept = default;

Result<RsaPublicKey> RsaPublicKey::from_numbers(std::string_view modulus, std::string_view exponent) {
    if (modulus.size() > 2 * kMostBits / 8 || exponent.size() > 2 * kLongestExponent / 8)
        return fail(Fault::bad_config, "a public RSA key is at most 8192 bits long, its exponent 64");
    const auto n = number(modulus), e = number(exponent);
    const int bits = BN_num_bits(n.get());
    if (bits < kFewestBits || bits > kMostBits)
        return fail(Fault::bad_config, "a public RSA key has 2048 to 8192 bits");
    // With an exponent of 1 every message would be its own signature.
    if (BN_is_odd(e.get()) != 1 || BN_is_one(e.get()) == 1 || BN_num_bits(e.get()) > kLongestExponent)
        return fail(Fault::bad_config, "the exponent of a public RSA key is odd, above 1 and at most 64 bits long");
    auto key = key_of(n.get(), e.get());
    if (!key) return fail(Fault::bad_config, "these numbers are no public RSA key");
    return RsaPublicKey(std::make_unique<Impl>(Impl{std::move(key)}));
}

bool RsaPublicKey::verifies_sha256(std::string_view message, std::string_view signature) const {
    return openssl::verifies_sha256(impl_->key.get(), message, signature);
}

}  // namespace tributary::crypto

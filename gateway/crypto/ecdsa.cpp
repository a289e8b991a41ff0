#include "gateway/crypto/ecdsa.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <array>
#include <string>

#include "gateway/base/base64.hpp"
#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {
namespace {

constexpr int kNumber = 32;  // bytes of a coordinate, and of either half of a signature
using Signature = std::unique_ptr<ECDSA_SIG, openssl::Deleter<ECDSA_SIG_free>>;

}  // namespace

struct EcdsaKey::Impl {
    openssl::Key key;
};

EcdsaKey::EcdsaKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EcdsaKey::~EcdsaKey() = default;
EcdsaKey::EcdsaKey(EcdsaKey&&) noexcept = default;
EcdsaKey& EcdsaKey::operator=(EcdsaKey&&) noexcept = default;

Result<EcdsaKey> EcdsaKey::parse(std::string_view base64_spki) {
    std::string compact;
    for (std::size_t at = 0; at < base64_spki.size();) {
        if (base64_spki.substr(at).starts_with("-----")) {  // a line of armour
            auto end = base64_spki.find("-----", at + 5);
            if (end == std::string_view::npos) break;
            at = end + 5;
            continue;
        }
        char c = base64_spki[at++];
        if (c != '\n' && c != '\r' && c != ' ') compact.push_back(c);
    }
    auto der = from_base64(compact);
    if (!der || der->empty()) return fail(Fault::bad_config, "a public key must be a SubjectPublicKeyInfo in base64");
    const auto* start = openssl::bytes(*der);
    openssl::Key key(d2i_PUBKEY(nullptr, &start, static_cast<long>(der->size())));
    ERR_clear_error();
    std::array<char, 64> group{};
    bool is_p256 = key && EVP_PKEY_is_a(key.get(), "EC") == 1 &&
                   EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                                  nullptr) == 1 &&
                   std::string_view(group.data()) == "prime256v1";
    if (!is_p256) return fail(Fault::bad_config, "a public key for this signature must lie on the curve P-256");
    return EcdsaKey(std::make_unique<Impl>(Impl{std::move(key)}));
}

Result<EcdsaKey> EcdsaKey::from_point(std::string_view x, std::string_view y) {
    if (x.size() != kNumber || y.size() != kNumber)
        return fail(Fault::bad_config, "a point on P-256 has two coordinates of 32 bytes");
    // RFC 5480: the SubjectPublicKeyInfo of an uncompressed point differs in nothing but the point.
    static constexpr std::string_view kBefore(
        "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04",
        27);
    return parse(to_base64(std::string(kBefore).append(x).append(y)));
}

bool EcdsaKey::verifies(std::string_view message, std::string_view der_signature) const {
    return openssl::verifies_sha256(impl_->key.get(), message, der_signature);
}

bool EcdsaKey::verifies_pair(std::string_view message, std::string_view r_and_s) const {
    if (r_and_s.size() != 2 * kNumber) return false;
    const Signature signature(ECDSA_SIG_new());
    const auto* bytes = openssl::bytes(r_and_s);
    auto* r = BN_bin2bn(bytes, kNumber, nullptr);
    auto* s = BN_bin2bn(bytes + kNumber, kNumber, nullptr);
    openssl::must(signature && r && s && ECDSA_SIG_set0(signature.get(), r, s) == 1, "ECDSA_SIG");
    std::uint8_t* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    openssl::must(size > 0, "i2d_ECDSA_SIG");
    const std::string written(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return verifies(message, written);
}

}  // namespace tributary::crypto

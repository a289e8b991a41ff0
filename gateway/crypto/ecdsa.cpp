#include "gateway/crypto/ecdsa.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <array>
#include <string>

#include "gateway/base/base64.hpp"
#include "gateway/crypto/algorithms.hpp"
#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {

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

bool EcdsaKey::verifies(std::string_view message, std::string_view der_signature) const {
    openssl::MdContext context(EVP_MD_CTX_new());
    bool ready = context && EVP_DigestVerifyInit(context.get(), nullptr, openssl::algorithm(Hash::sha256), nullptr,
                                                 impl_->key.get()) == 1;
    openssl::must(ready, "ecdsa verification");
    bool good = EVP_DigestVerify(context.get(), openssl::bytes(der_signature), der_signature.size(),
                                 openssl::bytes(message), message.size()) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace tributary::crypto

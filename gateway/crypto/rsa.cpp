#include "gateway/crypto/rsa.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "gateway/crypto/algorithms.hpp"
#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {
namespace {

using Bio = std::unique_ptr<BIO, openssl::Deleter<BIO_free_all>>;

// A key with a password is not asked for on the terminal.
int no_password(char*, int, int, void*) {
    return -1;
}

}  // namespace

struct RsaKey::Impl {
    openssl::Key key;
};

RsaKey::RsaKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RsaKey::~RsaKey() = default;
RsaKey::RsaKey(RsaKey&&) noexcept = default;
RsaKey& RsaKey::operator=(RsaKey&&) noexcept = default;

Result<RsaKey> RsaKey::parse(std::string_view pem) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    openssl::must(bio != nullptr, "BIO_new_mem_buf");
    openssl::Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1 || EVP_PKEY_get_bits(key.get()) < 2048)
        return fail(Fault::bad_config, "the private key must be RSA of at least 2048 bits, as PEM without a password");
    return RsaKey(std::make_unique<Impl>(Impl{std::move(key)}));
}

std::string RsaKey::sign_sha256(std::string_view message) const {
    openssl::MdContext context(EVP_MD_CTX_new());
    const auto* text = openssl::bytes(message);
    std::size_t size = 0;
    bool good =
        context &&
        EVP_DigestSignInit(context.get(), nullptr, openssl::algorithm(Hash::sha256), nullptr, impl_->key.get()) == 1 &&
        EVP_DigestSign(context.get(), nullptr, &size, text, message.size()) == 1;
    std::string out(size, '\0');
    good = good && EVP_DigestSign(context.get(), openssl::bytes(out.data()), &size, text, message.size()) == 1;
    openssl::must(good, "rsa signature");
    out.resize(size);
    return out;
}

}  // namespace tributary::crypto

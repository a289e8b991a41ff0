#include "gateway/net/key_pin.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "gateway/base/base64.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::net {

Result<std::string> key_pin(const std::string& certificate_file) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(certificate_file.c_str(), "r"), &BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr, &X509_free);
    if (!certificate) return fail(Fault::bad_config, "the file is unreadable or no PEM certificate", certificate_file);
    unsigned char* bytes = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &bytes);
    if (size <= 0) return fail(Fault::bad_config, "the certificate's key cannot be read", certificate_file);
    const auto hash = crypto::sha256({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    OPENSSL_free(bytes);
    return "sha256//" + to_base64(hash.view());
}

}  // namespace tributary::net

#include "gateway/net/certificate.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <ctime>
#include <memory>

#include "gateway/base/base64.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::net {
namespace {

using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

Result<Certificate> read_certificate(const std::filesystem::path& pem) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(pem.c_str(), "re"), &std::fclose);
    if (!file) return fail(Fault::bad_config, "this file cannot be read", pem.string());
    Certificate certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr), &X509_free);
    if (!certificate) return fail(Fault::bad_config, "there is no certificate in it", pem.string());
    return certificate;
}

}  // namespace

Result<Timestamp> certificate_expiry(const std::filesystem::path& pem) {
    TRY(const auto certificate, read_certificate(pem));
    std::tm ends{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &ends) != 1)
        return fail(Fault::bad_config, "its certificate has no readable end", pem.string());
    return Timestamp{std::chrono::seconds{::timegm(&ends)}};
}

Result<std::string> key_pin(const std::filesystem::path& pem) {
    TRY(const auto certificate, read_certificate(pem));
    unsigned char* bytes = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &bytes);
    if (size <= 0) return fail(Fault::bad_config, "its certificate has no readable key", pem.string());
    const auto hash = crypto::sha256({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    OPENSSL_free(bytes);
    return "sha256//" + to_base64(hash.view());
}

}  // namespace tributary::net

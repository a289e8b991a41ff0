#include "gateway/net/certificate.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <ctime>
#include <memory>

namespace tributary::net {

Result<Timestamp> certificate_expiry(const std::filesystem::path& pem) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(pem.c_str(), "re"), &std::fclose);
    if (!file) return fail(Fault::bad_config, "this file cannot be read", pem.string());
    const std::unique_ptr<X509, void (*)(X509*)> certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr),
                                                             &X509_free);
    std::tm ends{};
    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &ends) != 1)
        return fail(Fault::bad_config, "there is no certificate in it", pem.string());
    return Timestamp{std::chrono::seconds{::timegm(&ends)}};
}

}  // namespace tributary::net

#include "gateway/net/server_tls.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "gateway/net/certificate.hpp"

namespace tributary::net {

namespace asio = boost::asio;

namespace {

// The command line of this machine holds the face's own certificate and key, and shows them when one is demanded.
bool is_own(asio::ssl::verify_context& verification, SSL_CTX* context) {
    const X509* shown = X509_STORE_CTX_get0_cert(verification.native_handle());
    const X509* own = SSL_CTX_get0_certificate(context);
    return shown && own && X509_cmp(shown, own) == 0;
}

Result<void> demand_certificates(asio::ssl::context& context, const std::string& authority_file) {
    boost::system::error_code ec;  // what the calls return as well
    std::ignore = context.load_verify_file(authority_file, ec);
    if (ec)
        return fail(Fault::bad_config,
                    fmt::format("client_authority {} is unreadable or holds no PEM certificate", authority_file));
    std::ignore = context.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert, ec);
    SSL_CTX* native = context.native_handle();
    std::ignore = context.set_verify_callback(
        [native](bool good, asio::ssl::verify_context& shown) { return good || is_own(shown, native); }, ec);
    // Sessions taken up again skip the check, and belong to one list of authorities.
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(native, 0);
    return {};
}

}  // namespace

Result<std::shared_ptr<ServerContext>> make_server_context(const ServerTls& files) {
    auto made = std::make_shared<ServerContext>(asio::ssl::context(asio::ssl::context::tls_server), Timestamp::max());
    auto& context = made->context;
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    // TLS 1.2 with forward secrecy and AEAD only; 1.3 has nothing else.
    SSL_CTX_set_cipher_list(context.native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    boost::system::error_code ec;  // what the calls below return as well
    std::ignore = context.use_certificate_chain_file(files.certificate_file, ec);
    if (ec)
        return fail(Fault::bad_config,
                    fmt::format("certificate {} is unreadable or no PEM chain", files.certificate_file));
    std::ignore = context.use_private_key_file(files.key_file, asio::ssl::context::pem, ec);
    if (ec)
        return fail(Fault::bad_config,
                    fmt::format("key {} is unreadable, no PEM key, or not the certificate's", files.key_file));
    if (!files.client_authority_file.empty()) CHECK_OK(demand_certificates(context, files.client_authority_file));
    TRY(made->expires, certificate_expiry(files.certificate_file));
    return made;
}

}  // namespace tributary::net

#include "connectors/email/curl_fault.hpp"

namespace tributary::connectors::email {

Fault curl_fault(CURLcode code) {
    switch (code) {
        case CURLE_LOGIN_DENIED:
            return Fault::unauthorized;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_USE_SSL_FAILED:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return Fault::bad_config;
        default:
            return Fault::transient;
    }
}

}  // namespace tributary::connectors::email

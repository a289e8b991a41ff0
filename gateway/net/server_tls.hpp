// ServerTls made into an OpenSSL context: TLS 1.2 or newer, forward secrecy and AEAD only, renegotiation off. Internal
// to net.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/net/http_server.hpp"

namespace tributary::net {

struct ServerContext {
    boost::asio::ssl::context context;
    Timestamp expires;  // of the certificate itself, not of its chain
};

// bad_config: a file that is unreadable, no PEM, a key that is not the certificate's, an authority file without one.
// A certificate that has expired is served all the same: whoever watches expires() knows, and a face that is down is
// worse.
Result<std::shared_ptr<ServerContext>> make_server_context(const ServerTls& files);

}  // namespace tributary::net

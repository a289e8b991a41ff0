// What the tests of the HTTP client share: options toward a peer on loopback, a client on a loop, canned answers.
#pragma once

#include "gateway/net/curl_client.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace tributary::test {

inline net::HttpOptions toward(std::uint16_t port) {
    net::HttpOptions options;
    options.egress.hosts = {"127.0.0.1", "localhost"};
    options.egress.networks = {net::Network::parse("127.0.0.0/8").value(), net::Network::parse("::1").value()};
    options.egress.ports = {port};
    return options;
}

struct Calling {
    run::Loop loop{"client"};
    net::CurlClient client{loop};

    net::HttpResult send(net::HttpRequest request, const net::HttpOptions& options) {
        return run::run_blocking(loop, client.send(std::move(request), options));
    }
};

// Serves every connection with the same bytes after the request came, then closes.
inline RawServer::Script answering(std::string bytes) {
    return [bytes](tcp::socket& socket) {
        RawServer::read_request(socket);
        RawServer::send(socket, bytes);
    };
}

}  // namespace tributary::test

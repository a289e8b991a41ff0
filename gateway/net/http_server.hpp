// HttpServer: HTTP/1.1 for the webhook and admin faces. Refuses everything that two parsers could read differently, and
// cuts off whoever is slow; the handler sees whole requests only.
//
// Threads: `threads` loops, each with its own listener on one port (SO_REUSEPORT); a connection stays on its loop and
// its handler runs there, so a handler never blocks. Requests of one connection are answered one after the other.
// Errors of framing are answered with 400, 408, 413, 414, 415, 417, 431, 501 or 505 and the connection closes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/net/http.hpp"
#include "gateway/run/task.hpp"

namespace tributary::net {

struct ServerTls {
    std::string certificate_file;  // PEM, the whole chain
    std::string key_file;          // PEM
    // PEM: clients must show a certificate that one of these signed, or the face's own; empty: they need none.
    std::string client_authority_file;
};

struct HttpServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: the system chooses, see HttpServer::port()
    unsigned threads = 1;
    std::optional<ServerTls> tls;  // TLS 1.2 or newer

    std::size_t max_head = 16 << 10;  // request line and headers
    std::size_t max_headers = 64;
    std::size_t max_target = 4 << 10;
    std::size_t max_body = 1 << 20;
    // The limit of one route, asked when its head has been read; empty: max_body for all. Called on the loop.
    std::function<std::size_t(std::string_view method, std::string_view target)> body_limit;

    Milliseconds head_deadline =
        std::chrono::seconds{5};  // from the first byte of a head to its last; also the TLS handshake
    Milliseconds body_deadline = std::chrono::seconds{10};
    Milliseconds write_deadline = std::chrono::seconds{15};
    Milliseconds idle_deadline = std::chrono::seconds{15};  // between requests, and before the first
    // After body_grace a body must have come in at this rate on average.
    std::uint64_t body_bytes_per_second = 1024;
    Milliseconds body_grace = std::chrono::seconds{3};

    std::uint64_t max_requests = 100;  // of one connection
    std::size_t max_connections = 4096;
    std::size_t max_connections_per_ip = 64;
};

// What the server counted so far; read from any thread.
struct HttpServerStats {
    std::uint64_t connections = 0, requests = 0;
    std::uint64_t refused_connections = 0;  // over a cap: closed without an answer
    std::uint64_t bad_requests = 0, timeouts = 0;
    std::uint64_t handler_failures = 0;  // exceptions that escaped the handler
    std::uint64_t open = 0;
};

class HttpServer {
  public:
    // An exception that escapes the handler is answered with 500 and counted, the server goes on.
    using Handler = std::function<run::Task<HttpResponse>(InboundHttp)>;

    // The handler is called from all loops at once. REQUIRES: `clock` outlives the server, and so does nothing that
    // would still resume a handler: after stop() cut requests off, whatever they wait for must end before the server
    // does.
    HttpServer(HttpServerOptions options, const Clock& clock, Handler handler);
    // stop() with no patience.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // Binds and serves. bad_config: address in use, unreadable certificate.
    Result<void> start();
    // Reads certificate, key and authority again: what connects from now on gets them, open connections keep theirs.
    // bad_config: one of the files is no good, and nothing changed. Without TLS nothing happens. From any thread.
    Result<void> reload_tls();
    // When the certificate in use ends; nullopt without TLS. From any thread.
    std::optional<Timestamp> certificate_expires() const;
    // The bound port. REQUIRES: started.
    std::uint16_t port() const;

    // Accepts nothing new, closes idle connections, lets requests in flight finish until the deadline, then cuts off
    // and joins its threads. Blocks. Returns how many were cut off. REQUIRES: not called from a handler.
    std::size_t stop(Milliseconds deadline);

    HttpServerStats stats() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::net

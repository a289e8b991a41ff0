// ServerLoop: one thread of the HTTP server with its listener and its connections. Internal to net.
//
// Threads: everything but the counters and ServerShared is touched by the loop's own thread alone. Slow connections are
// found by one sweep over all of them ten times a second, so a request arms no timer.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "gateway/net/http_server.hpp"
#include "gateway/net/server_tls.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::net {

using ServerExecutor = boost::asio::io_context::executor_type;
using PlainSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, ServerExecutor>;
// Keeps its context: the check of certificates lives in it.
class TlsSocket : public boost::asio::ssl::stream<PlainSocket> {
  public:
    TlsSocket(PlainSocket socket, std::shared_ptr<ServerContext> context)
        : stream(std::move(socket), context->context), context_(std::move(context)) {}

  private:
    std::shared_ptr<ServerContext> context_;
};

// What all loops share. The mutex is taken when a connection comes or goes, never for a request.
class ServerShared {
  public:
    ServerShared(HttpServerOptions o, const Clock& c, HttpServer::Handler h)
        : options(std::move(o)), clock(c), handler(std::move(h)) {}

    // Counts a connection in, unless a cap is reached.
    bool admit(const std::string& ip);
    void leave(const std::string& ip);
    std::size_t open() const;
    // True when all connections ended in time.
    bool wait_until_empty(Milliseconds patience);

    const HttpServerOptions options;
    const Clock& clock;
    const HttpServer::Handler handler;

    // What new connections speak; nullptr: plain HTTP.
    std::shared_ptr<ServerContext> tls() const;
    void set_tls(std::shared_ptr<ServerContext> tls);

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<ServerContext> tls_;
    std::condition_variable left_;
    std::size_t open_ = 0;
    std::unordered_map<std::string, std::size_t> open_by_ip_;
};

// Where a connection stands, which decides what its deadline means.
enum class Phase {
    idle,      // between requests: just close
    starting,  // TLS handshake, or the last words of a connection: just close
    reading,   // a request is coming in: answer 408
    handling,  // the handler has no deadline here
    writing,   // the peer does not read: just close
};

// What the sweep needs of a connection.
class SweptConnection {
  public:
    virtual ~SweptConnection() = default;
    virtual void sweep(SteadyTime now) = 0;
    // Ends it if it waits for a request.
    virtual void close_if_idle() = 0;
};

struct LoopCounters {
    std::atomic<std::uint64_t> connections = 0, requests = 0, refused = 0, bad_requests = 0, timeouts = 0,
                               handler_failures = 0;
};

class ServerLoop {
  public:
    using Connections = std::list<SweptConnection*>;

    ServerLoop(ServerShared& shared, unsigned index);
    // Throws boost::system::system_error. `reuse_port`: several loops listen on one port.
    boost::asio::ip::tcp::endpoint listen(const boost::asio::ip::tcp::endpoint& at, bool reuse_port);
    void start();
    // Accepts no more and closes what is idle. From any thread.
    void drain();
    // Leaves at once and joins the thread.
    void stop() { loop_.stop(); }

    // For the connections, on the loop.
    Connections::iterator enlist(SweptConnection& connection) {
        return connections_.insert(connections_.end(), &connection);
    }
    void strike_off(Connections::iterator connection) { connections_.erase(connection); }
    bool draining() const { return draining_; }
    unsigned index() const { return index_; }
    // The Date header's value, renewed by the sweep.
    std::string_view date() const { return date_; }

    ServerShared& shared;
    LoopCounters counters;

  private:
    run::Task<> accept();
    run::Task<> sweep();
    void take(PlainSocket socket);

    unsigned index_;
    bool draining_ = false;
    std::string date_;
    Connections connections_;  // outlives the loop, whose end destroys the connections
    run::Loop loop_;
    boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, ServerExecutor> acceptor_;
};

}  // namespace tributary::net

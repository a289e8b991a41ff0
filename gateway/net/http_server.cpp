#include "gateway/net/http_server.hpp"

#include <fmt/format.h>

#include <cassert>

#include "gateway/net/server_loop.hpp"

namespace tributary::net {

namespace asio = boost::asio;
using asio::ip::tcp;

class HttpServer::Impl {
  public:
    Impl(HttpServerOptions options, const Clock& clock, Handler handler)
        : shared_(std::move(options), clock, std::move(handler)) {}

    Result<void> start();
    Result<void> reload_tls();
    std::optional<Timestamp> certificate_expires() const;
    std::uint16_t port() const { return port_; }
    std::size_t stop(Milliseconds deadline);
    HttpServerStats stats() const;

  private:
    void listen(tcp::endpoint at);

    ServerShared shared_;
    std::vector<std::unique_ptr<ServerLoop>> loops_;
    std::uint16_t port_ = 0;
    bool running_ = false;
};

Result<void> HttpServer::Impl::start() {
    assert(!running_ && shared_.options.threads >= 1);
    boost::system::error_code ec;
    auto address = asio::ip::make_address(shared_.options.address, ec);
    if (ec)
        return fail(Fault::bad_config, fmt::format("\"{}\" is no IP address to listen on", shared_.options.address));
    CHECK_OK(reload_tls());
    try {
        listen({address, shared_.options.port});
    } catch (const boost::system::system_error& error) {
        loops_.clear();
        return fail(Fault::bad_config, fmt::format("cannot listen on {} port {}: {}", shared_.options.address,
                                                   shared_.options.port, error.code().message()));
    }
    for (auto& loop : loops_) loop->start();
    running_ = true;
    return {};
}

Result<void> HttpServer::Impl::reload_tls() {
    if (!shared_.options.tls) return {};
    TRY(auto context, make_server_context(*shared_.options.tls));
    shared_.set_tls(std::move(context));
    return {};
}

std::optional<Timestamp> HttpServer::Impl::certificate_expires() const {
    const auto context = shared_.tls();
    return context ? std::optional(context->expires) : std::nullopt;
}

// With several loops the port is shared; anybody else of this user could share it too and take half of the requests, so
// it is first bound alone.
void HttpServer::Impl::listen(tcp::endpoint at) {
    bool several = shared_.options.threads > 1;
    if (several) at = ServerLoop(shared_, 0).listen(at, false);
    for (unsigned i = 0; i < shared_.options.threads; ++i) {
        loops_.push_back(std::make_unique<ServerLoop>(shared_, i));
        at = loops_.back()->listen(at, several);
    }
    port_ = at.port();
}

std::size_t HttpServer::Impl::stop(Milliseconds deadline) {
    if (!running_) return 0;
    running_ = false;
    for (auto& loop : loops_) loop->drain();
    bool empty = shared_.wait_until_empty(deadline);
    for (auto& loop : loops_) loop->stop();
    return empty ? 0 : shared_.open();
}

HttpServerStats HttpServer::Impl::stats() const {
    HttpServerStats sum;
    for (const auto& loop : loops_) {
        const auto& counters = loop->counters;
        sum.connections += counters.connections;
        sum.requests += counters.requests;
        sum.refused_connections += counters.refused;
        sum.bad_requests += counters.bad_requests;
        sum.timeouts += counters.timeouts;
        sum.handler_failures += counters.handler_failures;
    }
    sum.open = shared_.open();
    return sum;
}

HttpServer::HttpServer(HttpServerOptions options, const Clock& clock, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), clock, std::move(handler))) {}

HttpServer::~HttpServer() {
    std::ignore = stop(Milliseconds{0});
}  // what is cut off here was not worth waiting for

Result<void> HttpServer::start() {
    return impl_->start();
}
Result<void> HttpServer::reload_tls() {
    return impl_->reload_tls();
}
std::optional<Timestamp> HttpServer::certificate_expires() const {
    return impl_->certificate_expires();
}
std::uint16_t HttpServer::port() const {
    return impl_->port();
}
std::size_t HttpServer::stop(Milliseconds deadline) {
    return impl_->stop(deadline);
}
HttpServerStats HttpServer::stats() const {
    return impl_->stats();
}

}  // namespace tributary::net

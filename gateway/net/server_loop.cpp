#include "gateway/net/server_loop.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>

#include "gateway/net/http_date.hpp"
#include "gateway/net/server_connection.hpp"

namespace tributary::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {
constexpr Milliseconds kSweepEvery{100};
constexpr Milliseconds kAcceptPause{50};  // after a failure such as too many open files
}  // namespace

bool ServerShared::admit(const std::string& ip) {
    std::lock_guard lock(mutex_);
    if (open_ >= options.max_connections) return false;
    auto& from_here = open_by_ip_[ip];
    if (from_here >= options.max_connections_per_ip) return false;
    ++from_here;
    ++open_;
    return true;
}

void ServerShared::leave(const std::string& ip) {
    std::lock_guard lock(mutex_);
    auto found = open_by_ip_.find(ip);
    if (--found->second == 0) open_by_ip_.erase(found);
    if (--open_ == 0) left_.notify_all();
}

std::size_t ServerShared::open() const {
    std::lock_guard lock(mutex_);
    return open_;
}

bool ServerShared::wait_until_empty(Milliseconds patience) {
    std::unique_lock lock(mutex_);
    return left_.wait_for(lock, patience, [this] { return open_ == 0; });
}

std::shared_ptr<ServerContext> ServerShared::tls() const {
    std::lock_guard lock(mutex_);
    return tls_;
}

void ServerShared::set_tls(std::shared_ptr<ServerContext> tls) {
    std::lock_guard lock(mutex_);
    tls_ = std::move(tls);
}

ServerLoop::ServerLoop(ServerShared& s, unsigned index)
    : shared(s),
      index_(index),
      date_(format_http_date(s.clock.now())),
      loop_("http-" + std::to_string(index)),
      acceptor_(loop_.context()) {}

tcp::endpoint ServerLoop::listen(const tcp::endpoint& at, bool reuse_port) {
    acceptor_.open(at.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    if (reuse_port) acceptor_.set_option(asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true));
    acceptor_.bind(at);
    acceptor_.listen();
    return acceptor_.local_endpoint();
}

void ServerLoop::start() {
    loop_.spawn(accept());
    loop_.spawn(sweep());
    loop_.start();
}

void ServerLoop::drain() {
    asio::post(loop_.context(), [this] {
        draining_ = true;
        boost::system::error_code ignored;
        std::ignore = acceptor_.close(ignored);
        for (auto connection : connections_) connection->close_if_idle();
    });
}

run::Task<> ServerLoop::accept() {
    asio::steady_timer pause(loop_.context());
    while (!draining_) {
        boost::system::error_code ec;
        PlainSocket socket(loop_.context());
        co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
        if (!ec) {
            take(std::move(socket));
            continue;
        }
        if (!acceptor_.is_open()) break;
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

void ServerLoop::take(PlainSocket socket) {
    boost::system::error_code ec;
    auto address = socket.remote_endpoint(ec).address();
    if (ec) return;  // gone already
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    auto ip = address.to_string();
    if (!shared.admit(ip)) {
        ++counters.refused;
        return;
    }
    ++counters.connections;
    std::ignore = socket.set_option(tcp::no_delay(true), ec);  // slower without, not wrong
    if (auto tls = shared.tls())
        loop_.spawn(serve_connection(*this, TlsSocket(std::move(socket), std::move(tls)), std::move(ip)));
    else
        loop_.spawn(serve_connection(*this, std::move(socket), std::move(ip)));
}

run::Task<> ServerLoop::sweep() {
    asio::steady_timer tick(loop_.context());
    for (auto shown = std::chrono::sys_seconds::min();;) {
        auto second = std::chrono::floor<std::chrono::seconds>(shared.clock.now());
        if (second != shown) date_ = format_http_date(second);
        shown = second;
        auto now = shared.clock.steady();
        for (auto connection : connections_) connection->sweep(now);
        tick.expires_after(kSweepEvery);
        co_await tick.async_wait(asio::use_awaitable);
    }
}

}  // namespace tributary::net

// HTTP ingress without a handler's work: 4.2 KB POSTs over kept connections, our server beside a bare Beast coroutine
// server in the same run. Prints requests a second, and the CPU time of the serving thread for each request, which
// other work on the machine disturbs less.
#include "gateway/net/http_server.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <thread>

#include "tests/bench/figures.hpp"

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using namespace tributary;

namespace {

constexpr int kConnections = 64;
constexpr std::chrono::seconds kRound{3};
constexpr int kRounds = 3;

std::string request_bytes() {
    std::string body(4200, 'x');
    return "POST /webhooks/shop HTTP/1.1\r\nHost: hooks.example.com\r\nContent-Type: application/json\r\n"
           "X-Shopify-Topic: orders/create\r\nX-Shopify-Hmac-Sha256: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n"
           "X-Shopify-Webhook-Id: b54557e4-bdd9-4b37-8a5f-bf7d70bcd043\r\nUser-Agent: bench\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

double thread_cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// What the serving thread notes about itself, in each request.
struct Meter {
    std::atomic<std::uint64_t> requests = 0;
    std::atomic<double> cpu = 0;
    void note() {
        if ((requests.fetch_add(1, std::memory_order_relaxed) & 1023) == 0)
            cpu.store(thread_cpu_seconds(), std::memory_order_relaxed);
    }
};

// A closed loop over all connections: the next request goes when the answer has come whole.
std::uint64_t load(std::uint16_t port) {
    auto request = request_bytes();
    int poll = epoll_create1(0);
    std::vector<int> sockets;
    for (int i = 0; i < kConnections; ++i) {
        int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to{
            .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
        if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) std::perror("connect"), std::exit(1);
        ::fcntl(fd, F_SETFL, O_NONBLOCK);
        epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
        ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
        sockets.push_back(fd);
        if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
            std::exit(1);
    }
    std::uint64_t answers = 0;
    char reply[4096];
    epoll_event events[kConnections];
    for (auto end = std::chrono::steady_clock::now() + kRound; std::chrono::steady_clock::now() < end;) {
        int ready = ::epoll_wait(poll, events, kConnections, 100);
        for (int i = 0; i < ready; ++i) {
            auto size = ::recv(events[i].data.fd, reply, sizeof reply, 0);
            if (size <= 0 ||
                std::string_view(reply, static_cast<std::size_t>(size)).find("202 Accepted") == std::string_view::npos)
                std::fprintf(stderr, "unexpected answer\n"), std::exit(1);
            ++answers;
            if (::send(events[i].data.fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::exit(1);
        }
    }
    for (int fd : sockets) ::close(fd);
    ::close(poll);
    return answers;
}

// Requests for each second of the serving thread's CPU: what other work on the machine disturbs least.
double report(const char* name, std::uint64_t answers, const Meter& meter) {
    auto seconds = std::chrono::duration<double>(kRound).count();
    std::printf("%-12s %8.0f req/s   %5.1f us CPU/req\n", name, static_cast<double>(answers) / seconds,
                meter.cpu.load() * 1e6 / static_cast<double>(meter.requests.load()));
    return static_cast<double>(meter.requests.load()) / meter.cpu.load();
}

double run_ours() {
    Meter meter;
    SystemClock clock;
    net::HttpServer server({.max_requests = ~0ULL, .max_connections_per_ip = 1000}, clock,
                           [&meter](net::InboundHttp) -> run::Task<net::HttpResponse> {
                               meter.note();
                               co_return net::HttpResponse{.status = 202};
                           });
    if (!server.start()) std::exit(1);
    const double rate = report("tributary", load(server.port()), meter);
    std::ignore = server.stop(std::chrono::seconds{1});
    return rate;
}

asio::awaitable<void> beast_connection(tcp::socket socket, Meter& meter) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code ec;
    socket.set_option(tcp::no_delay(true));
    for (;;) {
        http::request<http::string_body> request;
        co_await http::async_read(socket, buffer, request, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
        meter.note();
        http::response<http::empty_body> response(http::status::accepted, 11);
        response.prepare_payload();
        co_await http::async_write(socket, response, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
    }
}

asio::awaitable<void> beast_accept(tcp::acceptor& acceptor, Meter& meter) {
    for (;;) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        co_spawn(acceptor.get_executor(), beast_connection(std::move(socket), meter), asio::detached);
    }
}

double run_beast() {
    Meter meter;
    asio::io_context context(1);
    tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), 0});
    co_spawn(context, beast_accept(acceptor, meter), asio::detached);
    std::thread thread([&] { context.run(); });
    const double rate = report("bare Beast", load(acceptor.local_endpoint().port()), meter);
    context.stop();
    thread.join();
    return rate;
}

}  // namespace

int main() {
    std::printf("%d kept connections, 4.2 KB POST -> 202, one serving thread\n", kConnections);
    bench::Rounds rounds;
    for (int round = 0; round < kRounds; ++round) {
        const double theirs = run_beast();
        rounds.add(run_ours(), theirs);
    }
    bench::print_result("HTTP server alone", rounds, "req/CPU s", 0);
}

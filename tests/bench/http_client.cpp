// HTTP delivery to a fast local server: 1 KB POSTs, 64 in flight on one thread, our client beside bare libcurl
// (multi_perform and poll, handles reused) in the same run. Prints requests a second and the CPU time of the calling
// thread for each.
#include <time.h>

#include <cstdio>

#include "gateway/net/curl_client.hpp"
#include "gateway/net/http_server.hpp"
#include "tests/bench/bare_curl.hpp"
#include "tests/bench/figures.hpp"

using namespace tributary;

namespace {

constexpr int kInFlight = 64;
constexpr int kRequests = 30000;
constexpr int kRounds = 3;

double thread_cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

template <class Work>
double measure(const char* name, Work work) {
    auto began = std::chrono::steady_clock::now();
    auto cpu = thread_cpu_seconds();
    work();
    cpu = thread_cpu_seconds() - cpu;
    auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::printf("%-12s %8.0f req/s   %5.1f us CPU/req\n", name, kRequests / seconds, cpu * 1e6 / kRequests);
    return kRequests / seconds;
}

run::Task<> caller(net::HttpClient& client, const std::string& url, const std::string& body,
                   const net::HttpOptions& options, int& left) {
    while (left > 0) {
        --left;
        auto answer = co_await client.send({"POST", url, {{"Content-Type", "application/json"}}, body}, options);
        if (!answer || answer->status != 202) std::exit(1);
    }
}

void ours(const std::string& url, std::uint16_t port, const std::string& body) {
    net::HttpOptions options;
    options.egress = {.hosts = {"127.0.0.1"}, .networks = {net::Network::parse("127.0.0.1").value()}, .ports = {port}};
    run::Loop loop("client");
    net::CurlClient client(loop, {.per_host = kInFlight});
    int left = kRequests, running = kInFlight;
    auto one = [](net::HttpClient& c, const std::string& u, const std::string& b, const net::HttpOptions& o, int& l,
                  int& r) -> run::Task<> {
        co_await caller(c, u, b, o, l);
        --r;
    };
    for (int i = 0; i < kInFlight; ++i) loop.spawn(one(client, url, body, options, left, running));
    while (running > 0) loop.context().run_one();
}

}  // namespace

int main() {
    SystemClock clock;
    net::HttpServer server(
        {.max_requests = ~0ULL, .max_connections_per_ip = 1000}, clock,
        [](net::InboundHttp) -> run::Task<net::HttpResponse> { co_return net::HttpResponse{.status = 202}; });
    if (!server.start()) return 1;
    auto url = "http://127.0.0.1:" + std::to_string(server.port()) + "/records";
    std::string body(1024, 'x');
    std::printf("%d in flight, 1 KB POST, one calling thread\n", kInFlight);
    bench::Rounds rounds;
    for (int round = 0; round < kRounds; ++round) {
        const double theirs = measure("bare libcurl", [&] {
            bench::BareCurl(kInFlight).run(
                url, kRequests, [&](std::size_t) { return std::string_view(body); }, [](std::size_t) {});
        });
        rounds.add(measure("tributary", [&] { ours(url, server.port(), body); }), theirs);
    }
    bench::print_result("HTTP client alone", rounds, "req/s", 0.50);
}

// HTTP delivery to a fast local server: 1 KB POSTs, 64 in flight on one thread, our client beside bare libcurl
// (multi_perform and poll, handles reused) in the same run. Prints requests a second and the CPU time of the calling
// thread for each.
#include <curl/curl.h>
#include <time.h>

#include <cstdio>

#include "gateway/net/curl_client.hpp"
#include "gateway/net/http_server.hpp"
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

void bare(const std::string& url, const std::string& body) {
    auto multi = curl_multi_init();
    auto headers = curl_slist_append(curl_slist_append(nullptr, "Content-Type: application/json"), "Expect:");
    std::vector<CURL*> handles;
    for (int i = 0; i < kInFlight; ++i) {
        auto handle = curl_easy_init();
        curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
        curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.c_str());
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
        handles.push_back(handle);
        curl_multi_add_handle(multi, handle);
    }
    for (int started = kInFlight, done = 0; done < kRequests;) {
        int running = 0, left = 0;
        curl_multi_perform(multi, &running);
        bool added = false;
        while (auto message = curl_multi_info_read(multi, &left)) {
            auto handle = message->easy_handle;
            if (message->msg != CURLMSG_DONE || message->data.result != CURLE_OK) std::exit(1);
            ++done;
            curl_multi_remove_handle(multi, handle);
            if (started >= kRequests) continue;
            ++started;
            curl_multi_add_handle(multi, handle);
            added = true;
        }
        if (!added && done < kRequests) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
    }
    for (auto handle : handles) {
        curl_multi_remove_handle(multi, handle);
        curl_easy_cleanup(handle);
    }
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
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
        const double theirs = measure("bare libcurl", [&] { bare(url, body); });
        rounds.add(measure("tributary", [&] { ours(url, server.port(), body); }), theirs);
    }
    bench::print_result("HTTP client alone", rounds, "req/s", 0.50);
}

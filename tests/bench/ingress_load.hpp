// Load: signed POSTs over kept connections, each answered before the next is sent, from a few threads of its own.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/base/base64.hpp"
#include "gateway/crypto/hmac.hpp"
#include "tests/bench/http_size.hpp"
#include "tests/bench/mapping_data.hpp"

namespace bench {

constexpr std::string_view kWebhookSecret = "hush";
constexpr std::size_t kIdDigits = 16;

// A request whose delivery id is written in place before each sending.
struct SignedRequest {
    std::string text;
    std::size_t id_at = 0;
};

inline std::vector<SignedRequest> make_requests(std::size_t count, std::string_view path = "/hooks/webshop") {
    const auto orders = make_orders(count);
    std::vector<SignedRequest> requests;
    for (const auto body : orders.lines) {
        const auto mac = tributary::crypto::hmac(tributary::crypto::Hash::sha256, kWebhookSecret, body);
        SignedRequest request;
        request.text = fmt::format(
            "POST {} HTTP/1.1\r\nHost: hooks.acme.example\r\nContent-Type: application/json\r\n"
            "Content-Length: {}\r\nX-Shopify-Topic: orders/create\r\nX-Shopify-Hmac-Sha256: {}\r\n"
            "X-Shopify-Webhook-Id: ",
            path, body.size(), tributary::to_base64(mac));
        request.id_at = request.text.size();
        request.text.append(kIdDigits, '0').append("\r\n\r\n").append(body);
        requests.push_back(std::move(request));
    }
    return requests;
}

// What one drive saw. Times from the sending of a request to the end of its answer, sorted.
struct Answers {
    double seconds = 0;
    std::vector<std::uint32_t> microseconds;

    double rate() const { return static_cast<double>(microseconds.size()) / seconds; }
    // REQUIRES: at least one answer; `part` below 1.
    std::uint32_t quantile(double part) const {
        return microseconds[static_cast<std::size_t>(part * static_cast<double>(microseconds.size()))];
    }
};

class Load {
  public:
    // Delivery ids count up from `first_id`, anew in each drive.
    Load(std::vector<SignedRequest> requests, int connections, int threads, std::uint64_t first_id = 0)
        : requests_(std::move(requests)), connections_(connections), threads_(threads), first_id_(first_id) {}

    std::size_t request_size() const { return requests_.front().text.size(); }

    // Any answer but 2xx, and a lost connection, ends the bench.
    Answers drive(std::uint16_t port, double seconds) {
        Answers answers;
        std::mutex mutex;
        std::vector<std::thread> threads;
        const auto begin = std::chrono::steady_clock::now();
        const auto end =
            begin + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
        for (int i = 0; i < threads_; ++i)
            threads.emplace_back([&, i] {
                const auto times = Client(requests_, first_id_ + (static_cast<std::uint64_t>(i) << 40))
                                       .drive(port, connections_ / threads_, end);
                const std::scoped_lock lock(mutex);
                answers.microseconds.insert(answers.microseconds.end(), times.begin(), times.end());
            });
        for (auto& thread : threads) thread.join();
        answers.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        std::ranges::sort(answers.microseconds);
        return answers;
    }

  private:
    class Client {
      public:
        Client(std::vector<SignedRequest> requests, std::uint64_t first_id)
            : requests_(std::move(requests)), next_id_(first_id) {}

        std::vector<std::uint32_t> drive(std::uint16_t port, int connections,
                                         std::chrono::steady_clock::time_point end) {
            const int poll = ::epoll_create1(0);
            std::vector<Connection> open(static_cast<std::size_t>(connections));
            for (std::size_t i = 0; i < open.size(); ++i) {
                open[i].fd = connect(port);
                epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
                ::epoll_ctl(poll, EPOLL_CTL_ADD, open[i].fd, &event);
                send(open[i]);
            }
            std::vector<std::uint32_t> times;
            std::vector<epoll_event> events(open.size());
            // Ends with no request under way: every connection's last answer is waited for.
            for (std::size_t under_way = open.size(); under_way > 0;) {
                const int ready = ::epoll_wait(poll, events.data(), connections, 10'000);
                if (ready <= 0) fail("no answer within 10 s");
                const auto now = std::chrono::steady_clock::now();
                for (int i = 0; i < ready; ++i) {
                    auto& connection = open[events[static_cast<std::size_t>(i)].data.u64];
                    if (!receive(connection)) continue;
                    times.push_back(static_cast<std::uint32_t>(
                        std::chrono::duration_cast<std::chrono::microseconds>(now - connection.sent).count()));
                    if (now >= end)
                        --under_way;
                    else
                        send(connection);
                }
            }
            for (const auto& connection : open) ::close(connection.fd);
            ::close(poll);
            return times;
        }

      private:
        struct Connection {
            int fd = -1;
            std::string answer;  // what came of it so far
            std::chrono::steady_clock::time_point sent;
        };

        [[noreturn]] static void fail(const char* what) {
            fmt::print(stderr, "load: {}\n", what);
            std::exit(1);
        }
        static int connect(std::uint16_t port) {
            const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            sockaddr_in to{};
            to.sin_family = AF_INET;
            to.sin_port = htons(port);
            to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("not connected");
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return fd;
        }
        void send(Connection& connection) {
            auto& request = requests_[next_id_ % requests_.size()];
            char* digits = request.text.data() + request.id_at;
            auto rest = ++next_id_;
            for (std::size_t i = kIdDigits; i-- > 0; rest >>= 4) digits[i] = "0123456789abcdef"[rest & 15];
            connection.sent = std::chrono::steady_clock::now();
            if (::send(connection.fd, request.text.data(), request.text.size(), MSG_NOSIGNAL) !=
                static_cast<ssize_t>(request.text.size()))
                fail("not sent");
        }
        // True: the answer is complete. Its length stands in its head.
        static bool receive(Connection& connection) {
            char piece[4096];
            const auto size = ::recv(connection.fd, piece, sizeof piece, 0);
            if (size <= 0) fail("the connection was closed");
            auto& answer = connection.answer.append(piece, static_cast<std::size_t>(size));
            const auto head = answer.find("\r\n\r\n");
            if (head == std::string::npos ||
                answer.size() < head + 4 + body_size(std::string_view(answer).substr(0, head)))
                return false;
            if (!answer.starts_with("HTTP/1.1 20")) {
                fmt::print(stderr, "{}\n", answer.substr(0, 400));
                fail("refused");
            }
            answer.clear();
            return true;
        }

        std::vector<SignedRequest> requests_;
        std::uint64_t next_id_;
    };

    std::vector<SignedRequest> requests_;
    int connections_, threads_;
    std::uint64_t first_id_;
};

}  // namespace bench

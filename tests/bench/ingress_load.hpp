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

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/base/base64.hpp"
#include "gateway/crypto/hmac.hpp"
#include "tests/bench/mapping_data.hpp"

namespace bench {

constexpr std::string_view kWebhookSecret = "hush";
constexpr std::size_t kIdDigits = 16;

// A request whose delivery id is written in place before each sending.
struct SignedRequest {
    std::string text;
    std::size_t id_at = 0;
};

inline std::vector<SignedRequest> make_requests(std::size_t count) {
    const auto orders = make_orders(count);
    std::vector<SignedRequest> requests;
    for (const auto body : orders.lines) {
        const auto mac = tributary::crypto::hmac(tributary::crypto::Hash::sha256, kWebhookSecret, body);
        SignedRequest request;
        request.text = fmt::format(
            "POST /hooks/webshop HTTP/1.1\r\nHost: hooks.acme.example\r\nContent-Type: application/json\r\n"
            "Content-Length: {}\r\nX-Shopify-Topic: orders/create\r\nX-Shopify-Hmac-Sha256: {}\r\n"
            "X-Shopify-Webhook-Id: ",
            body.size(), tributary::to_base64(mac));
        request.id_at = request.text.size();
        request.text.append(kIdDigits, '0').append("\r\n\r\n").append(body);
        requests.push_back(std::move(request));
    }
    return requests;
}

class Load {
  public:
    Load(std::vector<SignedRequest> requests, int connections, int threads)
        : requests_(std::move(requests)), connections_(connections), threads_(threads) {}

    std::size_t request_size() const { return requests_.front().text.size(); }

    // Answers a second. Any answer but 2xx, and a lost connection, ends the bench.
    double drive(std::uint16_t port, double seconds) {
        std::atomic<std::uint64_t> answers = 0;
        std::vector<std::thread> threads;
        const auto begin = std::chrono::steady_clock::now();
        const auto end =
            begin + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
        for (int i = 0; i < threads_; ++i)
            threads.emplace_back([&, i] { answers += Client(requests_, i).drive(port, connections_ / threads_, end); });
        for (auto& thread : threads) thread.join();
        return static_cast<double>(answers.load()) /
               std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }

  private:
    class Client {
      public:
        Client(std::vector<SignedRequest> requests, int number)
            : requests_(std::move(requests)), next_id_(static_cast<std::uint64_t>(number) << 40) {}

        std::uint64_t drive(std::uint16_t port, int connections, std::chrono::steady_clock::time_point end) {
            const int poll = ::epoll_create1(0);
            std::vector<int> sockets;
            for (int i = 0; i < connections; ++i) {
                sockets.push_back(connect(port));
                epoll_event event{.events = EPOLLIN, .data = {.fd = sockets.back()}};
                ::epoll_ctl(poll, EPOLL_CTL_ADD, sockets.back(), &event);
                send(sockets.back());
            }
            std::uint64_t answers = 0;
            std::vector<epoll_event> events(sockets.size());
            // Ends with no request under way: every connection's last answer is waited for.
            for (std::size_t under_way = sockets.size(); under_way > 0;) {
                const int ready = ::epoll_wait(poll, events.data(), connections, 10'000);
                if (ready <= 0) fail("no answer within 10 s");
                const bool over = std::chrono::steady_clock::now() >= end;
                for (int i = 0; i < ready; ++i) {
                    const int fd = events[static_cast<std::size_t>(i)].data.fd;
                    receive(fd);
                    ++answers;
                    if (over)
                        --under_way;
                    else
                        send(fd);
                }
            }
            for (const int fd : sockets) ::close(fd);
            ::close(poll);
            return answers;
        }

      private:
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
        void send(int fd) {
            auto& request = requests_[next_id_ % requests_.size()];
            char* digits = request.text.data() + request.id_at;
            auto rest = ++next_id_;
            for (std::size_t i = kIdDigits; i-- > 0; rest >>= 4) digits[i] = "0123456789abcdef"[rest & 15];
            if (::send(fd, request.text.data(), request.text.size(), MSG_NOSIGNAL) !=
                static_cast<ssize_t>(request.text.size()))
                fail("not sent");
        }
        // One answer without a body arrives in one piece on loopback.
        static void receive(int fd) {
            char answer[4096];
            const auto size = ::recv(fd, answer, sizeof answer, 0);
            if (size <= 0) fail("the connection was closed");
            const std::string_view text(answer, static_cast<std::size_t>(size));
            if (text.starts_with("HTTP/1.1 20") && text.ends_with("\r\n\r\n")) return;
            fmt::print(stderr, "{}\n", text.substr(0, 400));
            fail("refused");
        }
        std::vector<SignedRequest> requests_;
        std::uint64_t next_id_;
    };

    std::vector<SignedRequest> requests_;
    int connections_, threads_;
};

}  // namespace bench

// The two ends of a sync, on one port: a shop's orders in pages, and a system that takes them. One thread for each
// connection; pages and answers are made beforehand, so that it holds nobody up.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include "tests/bench/http_size.hpp"
#include "tests/bench/mapping_data.hpp"

namespace bench {

// GET /orders?page=N: {"orders":[...],"next":N + 1}, from 1 on, the last without "next". GET /taken: what was posted so
// far.
// POST of one order with a "number" to any path: taken.
class Shop {
  public:
    Shop(std::size_t orders, std::size_t page) {
        const auto made = make_orders(orders);
        for (std::size_t from = 0; from < made.lines.size(); from += page) {
            std::string body = R"({"orders":[)";
            for (std::size_t i = from; i < std::min(from + page, made.lines.size()); ++i)
                body.append(i == from ? "" : ",").append(made.lines[i]);
            const bool last = from + page >= made.lines.size();
            pages_.push_back(answer(body + (last ? "]}" : fmt::format(R"(],"next":{}}})", pages_.size() + 2))));
        }
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof here;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&here), size) != 0 || ::listen(listener_, 1024) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size) != 0)
            std::perror("shop"), std::exit(1);
        port_ = ntohs(here.sin_port);
    }

    std::uint16_t port() const { return port_; }

    // Never returns.
    [[noreturn]] void serve() {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd >= 0) std::thread([this, fd] { talk(fd); }).detach();
        }
    }

  private:
    static std::string answer(std::string_view body) {
        return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                           body.size(), body);
    }

    void talk(int fd) {
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        std::string in;
        while (const auto size = complete(fd, in)) {
            const auto out = respond(std::string_view(in).substr(0, *size));
            in.erase(0, *size);
            if (!send(fd, out)) break;
        }
        ::close(fd);
    }

    // Reads until `in` begins with a whole request; its size. Nothing: the other side left.
    static std::optional<std::size_t> complete(int fd, std::string& in) {
        for (;;) {
            if (const auto head = in.find("\r\n\r\n"); head != std::string::npos) {
                const auto size = head + 4 + body_size(std::string_view(in).substr(0, head));
                if (in.size() >= size) return size;
            }
            char piece[65536];
            const auto got = ::recv(fd, piece, sizeof piece, 0);
            if (got <= 0) return std::nullopt;
            in.append(piece, static_cast<std::size_t>(got));
        }
    }

    static bool send(int fd, std::string_view out) {
        while (!out.empty()) {
            const auto sent = ::send(fd, out.data(), out.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            out.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    std::string respond(std::string_view request) {
        if (request.starts_with("POST ")) {
            take(request);
            return answer(R"({"ok":true})");
        }
        if (request.starts_with("GET /taken")) {
            const std::scoped_lock lock(mutex_);
            return answer(fmt::format(R"({{"posts":{},"orders":{}}})", posts_, numbers_.size()));
        }
        const auto at = request.find("page=");
        const auto page = at == std::string_view::npos ? 1 : std::strtoull(request.data() + at + 5, nullptr, 10);
        return page >= 1 && page <= pages_.size() ? pages_[page - 1] : answer(R"({"orders":[]})");
    }

    void take(std::string_view request) {
        constexpr std::string_view kNumber = R"("number":")";
        const auto at = request.find(kNumber);
        const std::scoped_lock lock(mutex_);
        ++posts_;
        if (at == std::string_view::npos) return;
        const auto rest = request.substr(at + kNumber.size());
        numbers_.emplace(rest.substr(0, rest.find('"')));
    }

    std::vector<std::string> pages_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::mutex mutex_;  // before the two below
    std::uint64_t posts_ = 0;
    std::unordered_set<std::string> numbers_;
};

}  // namespace bench

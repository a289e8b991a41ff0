// A small SMTP server on loopback, for one test: it answers as its script says and remembers what it was told.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tributary::test {

class SmtpServer {
  public:
    // The answer to a command ("RCPT TO:<a@b>") or to the end of a message ("."); "" closes the connection without one,
    // "wait" never answers.
    using Script = std::function<std::string(const std::string& command)>;

    static std::string agree(const std::string& command) {
        if (command.starts_with("EHLO")) return "250-test\r\n250 AUTH PLAIN";
        if (command.starts_with("AUTH")) return "235 in";
        if (command == "DATA") return "354 go on";
        if (command == "QUIT") return "221 bye";
        return "250 ok";
    }

    explicit SmtpServer(Script script = agree) : script_(std::move(script)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(listener_, 8) == 0);
        socklen_t size = sizeof address;
        REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~SmtpServer() {
        stopping_ = true;
        ::shutdown(listener_, SHUT_RDWR);
        if (const int peer = peer_; peer >= 0) ::shutdown(peer, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }

    int port() const { return port_; }
    std::vector<std::string> commands() const { return copy(commands_); }
    std::vector<std::string> messages() const { return copy(messages_); }

  private:
    std::vector<std::string> copy(const std::vector<std::string>& list) const {
        const std::scoped_lock lock(mutex_);
        return list;
    }

    void run() {
        while (!stopping_) {
            const int peer = ::accept(listener_, nullptr, nullptr);
            if (peer < 0) break;
            peer_ = peer;
            talk(peer);
            peer_ = -1;
            ::close(peer);
        }
    }

    static bool say(int peer, const std::string& line) {
        const auto bytes = line + "\r\n";
        return ::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }

    void talk(int peer) {
        std::string buffer;
        bool in_message = false;
        if (!say(peer, "220 test")) return;
        for (;;) {
            const std::string_view end = in_message ? "\r\n.\r\n" : "\r\n";
            const auto at = buffer.find(end);
            if (at == buffer.npos) {
                char bytes[4096];
                const auto got = ::recv(peer, bytes, sizeof bytes, 0);
                if (got <= 0) return;
                buffer.append(bytes, static_cast<std::size_t>(got));
                continue;
            }
            auto text = buffer.substr(0, at);
            buffer.erase(0, at + end.size());
            const auto command = in_message ? std::string(".") : text;
            {
                const std::scoped_lock lock(mutex_);
                (in_message ? messages_ : commands_).push_back(text);
            }
            const auto answer = script_(command);
            if (answer.empty()) return;
            in_message = answer.starts_with("354");
            if (answer != "wait" && !say(peer, answer)) return;
        }
    }

    Script script_;
    int listener_ = -1, port_ = 0;
    std::atomic<int> peer_ = -1;
    std::atomic<bool> stopping_ = false;
    mutable std::mutex mutex_;
    std::vector<std::string> commands_, messages_;
    std::thread thread_;
};

}  // namespace tributary::test

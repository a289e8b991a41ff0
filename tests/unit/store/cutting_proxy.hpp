// A socket between a client and the PostgreSQL server of the tests that loses the connection at a COMMIT: before the
// server sees it, or right after, so that the answer never arrives.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/store/temporary_directory.hpp"

namespace tributary::contract {

class CuttingProxy {
  public:
    enum class Cut { never, before, after };

    explicit CuttingProxy(const std::string& server) : server_(server + "/.s.PGSQL.5432") {
        listener_ = bound(path() + "/.s.PGSQL.5432");
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~CuttingProxy() {
        over_ = true;
        ::shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        for (auto& one : carriers_) one.join();
        ::close(listener_);
    }
    std::string path() const { return directory_.path().string(); }
    // The next transaction that writes loses its connection; those after it do not.
    void arm(Cut cut) { cut_ = cut; }
    int cuts() const { return cuts_; }

  private:
    static sockaddr_un address(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        REQUIRE(path.size() < sizeof address.sun_path);
        path.copy(address.sun_path, path.size());
        return address;
    }
    static int bound(const std::string& path) {
        const int handle = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto at = address(path);
        REQUIRE(::bind(handle, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
        REQUIRE(::listen(handle, 16) == 0);
        return handle;
    }

    void accept_all() {
        while (!over_) {
            const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) return;
            const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const auto at = address(server_);
            if (::connect(server, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
                ::close(client);
                ::close(server);
                continue;
            }
            carriers_.emplace_back([this, client, server] { carry(client, server); });
        }
    }

    // A commit of rows is one message that ends in it; one without changes is "COMMIT" alone.
    static bool commits(std::string_view bytes) {
        return bytes.contains("UPDATE SET commits") && bytes.contains("COMMIT");
    }

    void carry(int client, int server) {
        bool open = true;
        while (open && !over_) {
            pollfd ends[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
            if (::poll(ends, 2, 50) < 0) break;
            for (int i = 0; i < 2 && open; ++i) {
                if ((ends[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
                char buffer[65536];
                const auto got = ::read(ends[i].fd, buffer, sizeof buffer);
                if (got <= 0) {
                    open = false;
                    break;
                }
                const std::string_view bytes(buffer, static_cast<std::size_t>(got));
                const auto cut = i == 0 && commits(bytes) ? cut_.exchange(Cut::never) : Cut::never;
                if (cut != Cut::before) open = ::write(ends[1 - i].fd, buffer, bytes.size()) == got;
                if (cut == Cut::never) continue;
                ++cuts_;
                open = false;
            }
        }
        ::close(client);
        ::close(server);
    }

    TemporaryDirectory directory_;
    const std::string server_;
    int listener_ = -1;
    std::atomic<bool> over_ = false;
    std::atomic<Cut> cut_ = Cut::never;
    std::atomic<int> cuts_ = 0;
    std::vector<std::thread> carriers_;
    std::thread acceptor_;
};

}  // namespace tributary::contract

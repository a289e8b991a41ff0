#include "gateway/net/tcp_connect.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <system_error>

namespace tributary::net {

namespace {

using Steady = std::chrono::steady_clock;

struct FreeAddresses {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

// The socket, or the errno of why not.
std::pair<int, int> connect_one(const addrinfo& address, Steady::time_point until) {
    const int fd = ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol);
    if (fd < 0) return {-1, errno};
    if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return {fd, 0};
    int code = errno;
    while (code == EINPROGRESS || code == EINTR) {
        const auto left = std::chrono::duration_cast<Milliseconds>(until - Steady::now()).count();
        pollfd waiting{fd, POLLOUT, 0};
        const int ready = left > 0 ? ::poll(&waiting, 1, static_cast<int>(left)) : 0;
        if (ready < 0 && errno == EINTR) continue;
        code = ETIMEDOUT;
        socklen_t size = sizeof code;
        if (ready > 0) ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size);
        if (code == 0) return {fd, 0};
        break;
    }
    ::close(fd);
    return {-1, code};
}

}  // namespace

Result<int> connect_tcp(const std::string& host, std::uint16_t port, const std::vector<Network>& allowed,
                        Milliseconds timeout) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &raw); code != 0)
        return fail(Fault::transient, fmt::format("the host name was not found: {}", gai_strerror(code)), host);
    const std::unique_ptr<addrinfo, FreeAddresses> list(raw);
    const auto until = Steady::now() + timeout;
    Error last{Fault::transient, "no address can be connected to", host};
    for (const auto* address = list.get(); address && Steady::now() < until; address = address->ai_next) {
        const auto ip = IpAddress::from(address->ai_addr);
        auto judged = ip ? check_address(*ip, allowed) : fail(Fault::refused, "the address is neither IPv4 nor IPv6");
        if (!judged) {
            last = std::move(judged).error().in(host);
            continue;
        }
        const auto [fd, code] = connect_one(*address, until);
        if (fd >= 0) return fd;
        last = Error{Fault::transient, fmt::format("port {}: {}", port, std::generic_category().message(code)), host};
    }
    return fail(std::move(last));
}

}  // namespace tributary::net

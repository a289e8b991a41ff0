// A TCP connection for libraries that want a socket. Blocks, at most for the timeout.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/net/address_guard.hpp"

namespace tributary::net {

// A connected, non-blocking socket, the caller's to close. Every address that the name resolves to is tried in turn
// within the time; refused when none of them may be connected to.
Result<int> connect_tcp(const std::string& host, std::uint16_t port, const std::vector<Network>& allowed,
                        Milliseconds timeout);

}  // namespace tributary::net

// Outbound URL: an absolute http or https URL that was checked before anything was resolved. Strict on purpose: one
// reading only, so no other parser can see another host in it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/net/address_guard.hpp"

namespace tributary::net {

// What one connection may reach. Deny by default: without hosts nothing may be reached.
struct Egress {
    // Exact names or "*.example.com" (any depth below, not the name itself). IPv6 without brackets. "*" allows any
    // host.
    std::vector<std::string> hosts;
    // Private networks that are legitimate here (an ERP on premises).
    std::vector<Network> networks;
    // Ports besides 80, 443 and 8000-8999.
    std::vector<std::uint16_t> ports;
};

struct OutboundUrl {
    bool tls = false;
    std::string host;  // lower case, without brackets
    std::uint16_t port = 0;
    std::string target;  // path and query, at least "/"
};

// Fault::bad_config: not a URL we would send (scheme, userinfo, fragment, odd characters, number-like hosts that are
// not a plain dotted quad). Fault::refused: a host, port or literal address that the egress rules do not allow.
Result<OutboundUrl> check_url(std::string_view url, const Egress& egress);

}  // namespace tributary::net

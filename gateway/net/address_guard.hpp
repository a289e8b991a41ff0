// Address guard: which addresses the gateway may connect to. Everything that is not public is refused unless a
// connection allows its network. Judge the address actually connected to, after name resolution. Pure.
//
// The deny table is the union of IANA's special-purpose registries and known metadata services; IPv4 inside IPv6
// (mapped, NAT64) is judged as IPv4, other embeddings (6to4, Teredo, site-local) are refused whole.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"

struct sockaddr;

namespace tributary::net {

// An IPv4 or IPv6 address. IPv4 keeps its four bytes at the front.
struct IpAddress {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{};

    // Strict: dotted quads of decimal bytes without leading zeros, or RFC 4291 text without brackets or zone.
    static std::optional<IpAddress> parse(std::string_view text);
    // nullopt for other families.
    static std::optional<IpAddress> from(const sockaddr* address);
    std::string text() const;
    friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

struct Network {
    IpAddress address;
    unsigned prefix = 0;

    // "10.0.0.0/8", "fd00::/8" or a single address. Fault::bad_config, also when host bits are set.
    static Result<Network> parse(std::string_view text);
    bool contains(const IpAddress& candidate) const;
};

// Nothing, or Fault::refused with the kind of network ("loopback", "link-local", ...). An allowed network wins over the
// table, a mapped IPv4 address is compared with IPv4 networks.
Result<void> check_address(const IpAddress& address, const std::vector<Network>& allowed);

}  // namespace tributary::net

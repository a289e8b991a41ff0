#include "gateway/net/address_guard.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "gateway/base/text.hpp"

namespace tributary::net {

namespace {

struct Range {
    IpAddress address;
    unsigned prefix;
    std::string_view kind;
};

constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return {false, {a, b, c, d}};
}

// The first four groups and the last one.
constexpr IpAddress v6(std::uint16_t a, std::uint16_t b = 0, std::uint16_t c = 0, std::uint16_t d = 0,
                       std::uint16_t last = 0) {
    IpAddress out{true, {}};
    std::size_t at = 0;
    for (auto group : {a, b, c, d}) {
        out.bytes[at++] = static_cast<std::uint8_t>(group >> 8);
        out.bytes[at++] = static_cast<std::uint8_t>(group);
    }
    out.bytes[14] = static_cast<std::uint8_t>(last >> 8);
    out.bytes[15] = static_cast<std::uint8_t>(last);
    return out;
}

// Services that hand out credentials to whoever asks from the inside. Only an allowed single address opens one of them,
// never a wide network that happens to hold it.
constexpr Range kMetadata[] = {
    {v4(169, 254, 169, 254), 32, "metadata service"}, {v4(169, 254, 170, 2), 32, "metadata service"},
    {v4(100, 100, 100, 200), 32, "metadata service"}, {v4(168, 63, 129, 16), 32, "metadata service"},
    {v4(192, 0, 0, 192), 32, "metadata service"},     {v6(0xfd00, 0xec2, 0, 0, 0x254), 128, "metadata service"},
};

constexpr Range kDenied[] = {
    {v4(0, 0, 0, 0), 8, "this-network"},
    {v4(10, 0, 0, 0), 8, "private"},
    {v4(100, 64, 0, 0), 10, "carrier-grade NAT"},
    {v4(127, 0, 0, 0), 8, "loopback"},
    {v4(169, 254, 0, 0), 16, "link-local"},
    {v4(172, 16, 0, 0), 12, "private"},
    {v4(192, 0, 0, 0), 24, "protocol assignment"},
    {v4(192, 0, 2, 0), 24, "documentation"},
    {v4(192, 88, 99, 0), 24, "6to4 relay"},
    {v4(192, 168, 0, 0), 16, "private"},
    {v4(198, 18, 0, 0), 15, "benchmarking"},
    {v4(198, 51, 100, 0), 24, "documentation"},
    {v4(203, 0, 113, 0), 24, "documentation"},
    {v4(224, 0, 0, 0), 4, "multicast"},
    {v4(240, 0, 0, 0), 4, "reserved"},  // broadcast too
    {v6(0, 0, 0, 0, 1), 128, "loopback"},
    {v6(0), 8,
     "reserved"},  // unspecified, IPv4-compatible and -translated, local NAT64; mapped and NAT64 are unwrapped first
    {v6(0x100), 64, "discard"},
    {v6(0x2001), 23, "protocol assignment"},  // Teredo, ORCHID, benchmarking
    {v6(0x2001, 0xdb8), 32, "documentation"},
    {v6(0x2002), 16, "6to4"},
    {v6(0x3fff), 20, "documentation"},
    {v6(0x5f00), 16, "segment routing"},
    {v6(0xfc00), 7, "private"},
    {v6(0xfe80), 10, "link-local"},
    {v6(0xfec0), 10, "site-local"},
    {v6(0xff00), 8, "multicast"},
};

bool within(const IpAddress& candidate, const IpAddress& network, unsigned prefix) {
    if (candidate.v6 != network.v6) return false;
    auto whole = prefix / 8;
    if (!std::equal(network.bytes.begin(), network.bytes.begin() + whole, candidate.bytes.begin())) return false;
    if (prefix % 8 == 0) return true;
    auto shift = 8 - prefix % 8;
    return network.bytes[whole] >> shift == candidate.bytes[whole] >> shift;
}

// ::ffff:a.b.c.d and 64:ff9b::a.b.c.d stand for a.b.c.d.
IpAddress unwrapped(const IpAddress& address) {
    static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static constexpr std::uint8_t kNat64[12] = {0, 0x64, 0xff, 0x9b};
    auto starts_with = [&](const std::uint8_t(&prefix)[12]) {
        return std::equal(prefix, prefix + 12, address.bytes.begin());
    };
    if (!address.v6 || (!starts_with(kMapped) && !starts_with(kNat64))) return address;
    return v4(address.bytes[12], address.bytes[13], address.bytes[14], address.bytes[15]);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    std::string copy(text);
    if (copy.find('\0') != std::string::npos) return std::nullopt;
    IpAddress out;
    out.v6 = copy.find(':') != std::string::npos;
    if (inet_pton(out.v6 ? AF_INET6 : AF_INET, copy.c_str(), out.bytes.data()) != 1) return std::nullopt;
    return out;
}

std::optional<IpAddress> IpAddress::from(const sockaddr* address) {
    IpAddress out;
    if (address->sa_family == AF_INET) {
        std::memcpy(out.bytes.data(), &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        out.v6 = true;
        std::memcpy(out.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
    } else {
        return std::nullopt;
    }
    return out;
}

std::string IpAddress::text() const {
    char out[INET6_ADDRSTRLEN] = {};
    inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), out, sizeof out);
    return out;
}

Result<Network> Network::parse(std::string_view text) {
    auto bad = [&] {
        return fail(Fault::bad_config,
                    fmt::format("\"{}\" is no network: give one such as 10.0.0.0/8, fd00::/8 or 10.1.2.3", text));
    };
    auto slash = text.find('/');
    auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return bad();
    unsigned width = address->v6 ? 128 : 32;
    Network out{*address, width};
    if (slash != std::string_view::npos) {
        auto prefix = to_integer(text.substr(slash + 1));
        if (!prefix || *prefix < 0 || *prefix > width) return bad();
        out.prefix = static_cast<unsigned>(*prefix);
    }
    for (unsigned bit = out.prefix; bit < width; ++bit)
        if (out.address.bytes[bit / 8] >> (7 - bit % 8) & 1) return bad();
    return out;
}

bool Network::contains(const IpAddress& candidate) const {
    return within(unwrapped(candidate), address, prefix);
}

Result<void> check_address(const IpAddress& address, const std::vector<Network>& allowed) {
    auto target = unwrapped(address);
    auto refused = [&](const Range& range) {
        return fail(
            Fault::refused,
            fmt::format("the address is {}: allow its network for this connection if that is meant", range.kind));
    };
    for (const auto& range : kMetadata) {
        if (!within(target, range.address, range.prefix)) continue;
        for (const auto& network : allowed)
            if (network.address == target && network.prefix == range.prefix) return {};
        return refused(range);
    }
    for (const auto& network : allowed)
        if (network.contains(target)) return {};
    for (const auto& range : kDenied)
        if (within(target, range.address, range.prefix)) return refused(range);
    return {};
}

}  // namespace tributary::net

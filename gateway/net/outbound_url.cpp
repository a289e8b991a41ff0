#include "gateway/net/outbound_url.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/ascii.hpp"
#include "gateway/base/text.hpp"

namespace tributary::net {

namespace {

constexpr std::size_t kMaxUrl = 8 << 10;

std::unexpected<Error> bad(std::string_view what) {
    return fail(Fault::bad_config, fmt::format("url: {}", what));
}
std::unexpected<Error> refused(std::string what) {
    return fail(Fault::refused, std::move(what));
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// RFC 3986 characters, and square brackets, which many APIs want in query names.
Result<void> check_characters(std::string_view url) {
    for (std::size_t i = 0; i < url.size(); ++i) {
        auto byte = static_cast<unsigned char>(url[i]);
        if (byte >= 0x80)
            return bad("only ASCII: write international host names in punycode and percent-encode the rest");
        if (byte <= 0x20 || byte == 0x7f || std::string_view("\"<>\\^`{|}").find(url[i]) != std::string_view::npos)
            return bad("a space, control or unsafe character must be percent-encoded");
        if (byte == '%' && (i + 2 >= url.size() || !is_hex(url[i + 1]) || !is_hex(url[i + 2])))
            return bad("a percent sign must be followed by two hex digits");
        if (byte == '#') return bad("a fragment has no place in a request");
    }
    return {};
}

// Whether some parser would read the last label as a number, and so the host as an IPv4 address.
bool ends_in_number(std::string_view host) {
    auto last = host.substr(host.rfind('.') + 1);  // npos + 1 == 0
    if (last.starts_with("0x")) return std::all_of(last.begin() + 2, last.end(), is_hex);
    return std::all_of(last.begin(), last.end(), is_digit);
}

Result<std::string> check_host(std::string_view written) {
    if (written.starts_with('[')) {
        auto inner = written.substr(1, written.size() - 2);
        if (!written.ends_with(']') || inner.find(':') == std::string_view::npos || !IpAddress::parse(inner))
            return bad("in brackets stands an IPv6 address without a zone");
        return IpAddress::parse(inner)->text();
    }
    auto host = lower_ascii(written);
    if (host.empty() || host.size() > 253) return bad("the host is missing or longer than 253 characters");
    for (auto label : split(host, '.')) {
        if (label.empty()) return bad("the host has an empty label or ends with a dot");
        if (label.size() > 63) return bad("a label of the host is longer than 63 characters");
        for (char c : label)
            if (!is_digit(c) && !is_lower(c) && c != '-' && c != '_')
                return bad("the host has a character that no name has");
    }
    if (ends_in_number(host) && !IpAddress::parse(host))
        return bad("a host of numbers must be a plain address such as 192.0.2.1: no hex, octal or short forms");
    return host;
}

Result<std::uint16_t> check_port(std::string_view text) {
    auto port = to_integer(text);
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit) || text.starts_with('0') || !port ||
        *port > 65535)
        return bad("the port is a number from 1 to 65535");
    return static_cast<std::uint16_t>(*port);
}

bool host_matches(std::string_view host, std::string_view pattern) {
    if (pattern == "*") return true;
    if (pattern.starts_with("*.")) {
        auto suffix = lower_ascii(pattern.substr(1));
        return host.size() > suffix.size() && host.ends_with(suffix);
    }
    auto address = IpAddress::parse(host);
    return address ? address == IpAddress::parse(pattern) : equal_ignoring_case(host, pattern);
}

Result<void> check_egress(const OutboundUrl& url, const Egress& egress) {
    bool known =
        std::any_of(egress.hosts.begin(), egress.hosts.end(), [&](const auto& p) { return host_matches(url.host, p); });
    if (!known) return refused(fmt::format("host {} is not among the allowed hosts of this connection", url.host));
    bool usual = url.port == 80 || url.port == 443 || (url.port >= 8000 && url.port <= 8999);
    if (!usual && std::find(egress.ports.begin(), egress.ports.end(), url.port) == egress.ports.end())
        return refused(fmt::format(
            "port {} is not allowed: 80, 443, 8000-8999 and the ports named for this connection are", url.port));
    if (auto literal = IpAddress::parse(url.host)) return check_address(*literal, egress.networks);
    return {};
}

}  // namespace

Result<OutboundUrl> check_url(std::string_view text, const Egress& egress) {
    if (text.size() > kMaxUrl) return bad("longer than 8 KiB");
    CHECK_OK(check_characters(text));
    auto colon = text.find("://");
    auto scheme = lower_ascii(text.substr(0, colon == std::string_view::npos ? 0 : colon));
    if (scheme != "http" && scheme != "https") return bad("it must begin with https:// or http://");
    auto rest = text.substr(colon + 3);
    auto authority = rest.substr(0, rest.find_first_of("/?"));
    if (authority.find('@') != std::string_view::npos)
        return bad("a user or password has no place in it: use credentials");

    OutboundUrl url{.tls = scheme == "https"};
    auto bracket = authority.rfind(']');
    auto port_at = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    TRY(url.host, check_host(authority.substr(0, port_at)));
    url.port = url.tls ? 443 : 80;
    if (port_at != std::string_view::npos) {
        TRY(url.port, check_port(authority.substr(port_at + 1)));
    }
    url.target = rest.substr(authority.size());
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    CHECK_OK(check_egress(url, egress));
    return url;
}

}  // namespace tributary::net

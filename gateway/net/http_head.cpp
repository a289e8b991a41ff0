#include "gateway/net/http_head.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "gateway/base/text.hpp"

namespace tributary::net {

namespace {

constexpr std::array<std::string_view, 7> kMethods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};

std::unexpected<Refusal> refuse(int status, std::string_view reason) {
    return std::unexpected(Refusal{status, reason});
}

bool all_tokens(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

// Blanks around a value are spaces and tabs only.
std::string_view without_blanks(std::string_view text) {
    auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// name[:port] or [ipv6][:port]; what else is in a Host could be read as another authority.
bool valid_host(std::string_view host) {
    return !host.empty() &&
           host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:[]%") ==
               std::string_view::npos;
}

// The head's headers that decide about framing, as they are met.
struct Framing {
    std::string_view host;
    unsigned hosts = 0, lengths = 0, encodings = 0;
};

std::expected<void, Refusal> read_length(std::string_view value, RequestHead& head, Framing& seen) {
    if (++seen.lengths > 1) return refuse(400, "more than one content-length");
    if (value.empty() || value.size() > 18) return refuse(400, "content-length is no number");
    std::uint64_t length = 0;
    for (char c : value) {
        if (c < '0' || c > '9') return refuse(400, "content-length is no number");
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    head.content_length = length;
    return {};
}

std::expected<void, Refusal> read_connection(std::string_view value, RequestHead& head) {
    for (auto option : split(value, ',')) {
        option = without_blanks(option);
        if (!option.empty() && !all_tokens(option)) return refuse(400, "connection option is no token");
        if (equal_ignoring_case(option, "close")) head.keep_alive = false;
    }
    return {};
}

// What this server must understand; every other header is the handler's.
std::expected<void, Refusal> read_header(std::string_view name, std::string_view value, RequestHead& head,
                                         Framing& seen) {
    switch (name.size()) {
        case 4:
            if (!equal_ignoring_case(name, "host")) return {};
            seen.host = value;
            if (++seen.hosts > 1) return refuse(400, "more than one host");
            if (!valid_host(value)) return refuse(400, "host is no authority");
            return {};
        case 6:
            if (!equal_ignoring_case(name, "expect")) return {};
            if (!equal_ignoring_case(value, "100-continue")) return refuse(417, "unknown expectation");
            head.expects_continue = true;
            return {};
        case 10:
            if (!equal_ignoring_case(name, "connection")) return {};
            return read_connection(value, head);
        case 14:
            return equal_ignoring_case(name, "content-length") ? read_length(value, head, seen)
                                                               : std::expected<void, Refusal>{};
        case 16:
            if (!equal_ignoring_case(name, "content-encoding") || value.empty() ||
                equal_ignoring_case(value, "identity"))
                return {};
            return refuse(415, "content-encoding is not served");
        case 17:
            if (!equal_ignoring_case(name, "transfer-encoding")) return {};
            if (++seen.encodings > 1) return refuse(400, "more than one transfer-encoding");
            if (!equal_ignoring_case(value, "chunked")) return refuse(400, "transfer-encoding is not chunked");
            head.chunked = true;
            return {};
        default:
            return {};
    }
}

std::expected<void, Refusal> read_request_line(std::string_view line, RequestHead& head, HeadLimits limits) {
    auto first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return refuse(400, "request line is not: method target version");
    head.method = line.substr(0, first);
    head.target = line.substr(first + 1, last - first - 1);
    auto version = line.substr(last + 1);
    if (!all_tokens(head.method)) return refuse(400, "method is no token");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return refuse(version.starts_with("HTTP/") ? 505 : 400, "version is not served");
    head.http_1_0 = version.ends_with('0');
    head.keep_alive = !head.http_1_0;
    if (std::find(kMethods.begin(), kMethods.end(), head.method) == kMethods.end())
        return refuse(501, "method is not served");
    if (head.target.size() > limits.target) return refuse(414, "target is too long");
    bool plain =
        std::all_of(head.target.begin(), head.target.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
    if (!plain) return refuse(400, "target has a character that must be percent-encoded");
    return {};
}

// Origin form, "*" for OPTIONS, or absolute form whose authority is the Host; the latter is cut down to origin form.
std::expected<void, Refusal> check_target(RequestHead& head, std::string_view host) {
    if (head.target.starts_with('/')) return {};
    if (head.target == "*" && head.method == "OPTIONS") return {};
    auto scheme_end = head.target.find("://");
    auto scheme = head.target.substr(0, std::min(scheme_end, head.target.size()));
    if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https"))
        return refuse(400, "target is no path");
    auto rest = head.target.substr(scheme_end + 3);
    auto authority = rest.substr(0, rest.find_first_of("/?"));
    if (!equal_ignoring_case(authority, host)) return refuse(400, "target and host differ");
    rest.remove_prefix(authority.size());
    if (!rest.starts_with('/')) return refuse(400, "target has no path");
    head.target = rest;
    return {};
}

std::expected<void, Refusal> check_framing(const RequestHead& head, const Framing& seen) {
    if (seen.hosts == 0 && !head.http_1_0) return refuse(400, "host is missing");
    if (head.chunked && head.content_length) return refuse(400, "content-length together with transfer-encoding");
    if (head.chunked && head.http_1_0) return refuse(400, "transfer-encoding in HTTP/1.0");
    return {};
}

std::expected<void, Refusal> read_header_line(std::string_view line, RequestHead& head, Framing& seen) {
    if (line.starts_with(' ') || line.starts_with('\t')) return refuse(400, "folded header line");
    auto colon = line.find(':');
    if (colon == std::string_view::npos || !all_tokens(line.substr(0, colon)))
        return refuse(400, "header line has no proper name");
    auto name = line.substr(0, colon);
    auto value = without_blanks(line.substr(colon + 1));
    if (!valid_header_value(value)) return refuse(400, "control character in a header");
    head.headers.emplace_back(name, value);
    return read_header(name, value, head, seen);
}

}  // namespace

HeadScan scan_head(std::string_view bytes, std::size_t& scanned) {
    while (scanned < bytes.size()) {
        auto found = static_cast<const char*>(std::memchr(bytes.data() + scanned, '\n', bytes.size() - scanned));
        if (!found) break;
        auto at = static_cast<std::size_t>(found - bytes.data());
        if (at == 0 || bytes[at - 1] != '\r') return HeadScan::bad;
        // Everything before `scanned` ended with a line end: an empty line is the end of the head.
        bool empty = at == 1 || (at >= 3 && bytes[at - 2] == '\n');
        scanned = at + 1;
        if (empty) return HeadScan::complete;
    }
    // A half-read line is looked at again from its start, which the search for '\n' makes cheap.
    return HeadScan::incomplete;
}

std::expected<RequestHead, Refusal> parse_head(std::string_view bytes, HeadLimits limits) {
    RequestHead head;
    head.headers.reserve(16);
    Framing seen;
    for (bool first = true;; first = false) {
        auto end = bytes.find("\r\n");
        if (end == std::string_view::npos) return refuse(400, "head is not complete");
        auto line = bytes.substr(0, end);
        bytes.remove_prefix(end + 2);
        if (line.find('\r') != std::string_view::npos) return refuse(400, "bare CR");
        if (line.empty() && !first) break;
        if (!first && head.headers.size() == limits.headers) return refuse(431, "too many headers");
        auto read = first ? read_request_line(line, head, limits) : read_header_line(line, head, seen);
        if (!read) return std::unexpected(read.error());
    }
    if (auto framing = check_framing(head, seen); !framing) return std::unexpected(framing.error());
    if (auto target = check_target(head, seen.host); !target) return std::unexpected(target.error());
    return head;
}

}  // namespace tributary::net

#include "gateway/connector/declarative/url.hpp"

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/value/percent.hpp"

namespace tributary::connector {
namespace {

// RFC 3986 section 5.2.4 on the path, the query untouched.
std::string without_dot_segments(std::string_view target) {
    const auto query = target.find('?');
    const auto path = target.substr(0, query);
    std::vector<std::string_view> kept;
    const auto segments = split(path.substr(1), '/');
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool last = i + 1 == segments.size();
        if (segments[i] == "." || segments[i] == "..") {
            if (segments[i] == ".." && !kept.empty()) kept.pop_back();
            if (last) kept.emplace_back();
        } else {
            kept.push_back(segments[i]);
        }
    }
    std::string out;
    for (const auto segment : kept) out.append("/").append(segment);
    if (out.empty()) out = "/";
    if (query != std::string_view::npos) out.append(target.substr(query));
    return out;
}

}  // namespace

std::string Url::origin() const {
    return scheme + "://" + host + (port.empty() ? "" : ":" + port);
}
std::string Url::text() const {
    return origin() + target;
}

Result<Url> parse_url(std::string_view text) {
    const auto wrong = [](std::string what) { return fail(Fault::bad_config, "not a usable URL: " + std::move(what)); };
    if (std::ranges::any_of(text, [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '\\'; }))
        return wrong("it holds a space, a backslash or a control character");
    Url url;
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) return wrong("it must begin with https:// or http://");
    url.scheme = lower_ascii(text.substr(0, colon));
    if (url.scheme != "https" && url.scheme != "http") return wrong("its scheme must be https or http");
    text.remove_prefix(colon + 3);
    text = text.substr(0, text.find('#'));
    const auto end = text.find_first_of("/?");
    auto authority = text.substr(0, end);
    if (authority.contains('@')) return wrong("it holds a user name; credentials belong into the vault");
    const auto bracket = authority.rfind(']');
    const auto port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (port != std::string_view::npos) {
        url.port = std::string(authority.substr(port + 1));
        const auto number = to_integer(url.port);
        if (!number || *number < 1 || *number > 65535) return wrong("its port must be 1 to 65535");
        authority = authority.substr(0, port);
    }
    url.host = lower_ascii(authority);
    if (url.host.empty()) return wrong("it has no host");
    url.target = end == std::string_view::npos ? "/" : std::string(text.substr(end));
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    return url;
}

Result<Url> resolve(const Url& base, std::string_view reference) {
    reference = reference.substr(0, reference.find('#'));
    if (reference.starts_with("http://") || reference.starts_with("https://")) return parse_url(reference);
    if (reference.starts_with("//")) return parse_url(base.scheme + ":" + std::string(reference));
    const auto path = base.target.substr(0, base.target.find('?'));
    std::string target;
    if (reference.empty())
        target = base.target;
    else if (reference.starts_with('/'))
        target = reference;
    else if (reference.starts_with('?'))
        target = path + std::string(reference);
    else
        target = path.substr(0, path.rfind('/') + 1) + std::string(reference);
    TRY(auto url, parse_url(base.origin() + target));
    url.target = without_dot_segments(url.target);
    return url;
}

bool host_allowed(std::string_view host, const std::vector<std::string>& patterns) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
        if (pattern.starts_with("*."))
            return host.size() > pattern.size() - 1 && host.ends_with(lower_ascii(pattern).substr(1));
        return host == lower_ascii(pattern);
    });
}

std::string encode_query(const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::string out;
    for (const auto& [name, text] : pairs) {
        if (!out.empty()) out += '&';
        value::percent_encode(name, out);
        out += '=';
        value::percent_encode(text, out);
    }
    return out;
}

}  // namespace tributary::connector

// Filters of single values.
#include <fmt/format.h>

#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/filter_kinds.hpp"
#include "gateway/connector/declarative/tid.hpp"
#include "gateway/connector/declarative/url.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/net/http_date.hpp"
#include "gateway/value/percent.hpp"

namespace tributary::connector::filters {
namespace {

Result<std::string> keyed(const Filter& filter, const std::string& text, const Scope& scope) {
    TRY(const auto key, scope.find(filter.arguments[0]));
    if (key.missing()) return fail(Fault::bad_config, fmt::format("'{}' is not set", filter.arguments[0]));
    TRY(const auto bytes, scalar(filter, key));
    if (filter.name == "tid") {
        const auto at = net::parse_rfc3339(text);
        if (!at) return fail(Fault::bad_input, "filter 'tid' needs a time in RFC 3339");
        return make_tid(*at, bytes);
    }
    const auto hash = filter.name == "hmac_sha256" ? crypto::Hash::sha256
                      : filter.name == "hmac_sha1" ? crypto::Hash::sha1
                                                   : crypto::Hash::md5;
    return crypto::hmac(hash, bytes, text);
}

// Text that may stand in an XML element or attribute.
std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\'')
            out += "&apos;";
        else
            out += c;
    }
    return out;
}

// `mark` before each `sign`.
std::string with_before(std::string_view text, std::string_view sign, std::string_view mark) {
    std::string out;
    while (!text.empty()) {
        const auto at = sign.empty() ? std::string_view::npos : text.find(sign);
        out.append(text.substr(0, at));
        if (at == std::string_view::npos) break;
        out.append(mark).append(sign);
        text.remove_prefix(at + sign.size());
    }
    return out;
}

Result<std::string> piece_of(const Filter& filter, const std::string& text) {
    const auto pieces = split(text, filter.arguments[0][0]);
    const auto at = to_integer(filter.arguments[1]).value_or(0);
    if (at < 1 || static_cast<std::size_t>(at) > pieces.size())
        return fail(Fault::bad_input, fmt::format("the text has no piece {} between '{}'", at, filter.arguments[0]));
    return std::string(pieces[static_cast<std::size_t>(at) - 1]);
}

// RFC 9562, version 8: what is in it is ours, here a hash.
std::string uuid_of(const std::string& text) {
    auto bytes = crypto::digest(crypto::Hash::sha256, text).substr(0, 16);
    bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0F) | 0x80);
    bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3F) | 0x80);
    auto out = to_hex(bytes);
    for (const std::size_t at : {20, 16, 12, 8}) out.insert(at, "-");
    return out;
}

}  // namespace

Result<std::string> on_text(const Filter& filter, const std::string& text, const Scope& scope) {
    const auto& name = filter.name;
    if (name == "base64") return to_base64(text);
    if (name == "base64url") return to_base64url(text);
    if (name == "lower") return lower_ascii(text);
    if (name == "upper") return upper_ascii(text);
    if (name == "hex") return to_hex(text);
    if (name == "url") return value::percent_encode(text);
    if (name == "sha256") return crypto::digest(crypto::Hash::sha256, text);
    if (name == "uuid") return uuid_of(text);
    if (name == "md5") return crypto::digest(crypto::Hash::md5, text);
    if (name.starts_with("hmac_") || name == "tid") return keyed(filter, text, scope);
    if (name == "host") {
        TRY(const auto url, parse_url(text));
        return url.host + (url.port.empty() ? "" : ":" + url.port);
    }
    if (name == "from_base64") {
        if (auto bytes = from_base64(text)) return *std::move(bytes);
        return fail(Fault::bad_input, "filter 'from_base64' needs base64");
    }
    if (name == "plus") return later(text, filter.arguments[0]);
    if (name == "xml") return xml_escaped(text);
    if (name == "doubled") return with_before(text, filter.arguments[0], filter.arguments[0]);
    if (name == "escaped") return with_before(with_before(text, "\\", "\\"), filter.arguments[0], "\\");
    if (name == "part") return piece_of(filter, text);
    if (name == "after") return text.starts_with(filter.arguments[0]) ? text.substr(filter.arguments[0].size()) : text;
    return text;
}

}  // namespace tributary::connector::filters

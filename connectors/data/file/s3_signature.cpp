#include "connectors/data/file/s3_signature.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/hmac.hpp"

namespace tributary::connectors::file {

namespace {

using crypto::Hash;

std::string hash_of(std::string_view bytes) {
    return to_hex(crypto::sha256(bytes).view());
}

// "a=1&b=" with the names in order and every name having a '='.
std::string canonical_query(std::string_view query) {
    std::vector<std::string> parts;
    for (const auto part : split(query, '&')) {
        if (part.empty()) continue;
        parts.push_back(part.find('=') == part.npos ? std::string(part) + "=" : std::string(part));
    }
    std::ranges::sort(parts);
    return join(parts, "&");
}

}  // namespace

void sign_s3(net::HttpRequest& request, std::string_view host, const S3Keys& keys, Timestamp now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    const auto moment = fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
    const auto day = moment.substr(0, 8);
    const auto body = hash_of(request.body);
    request.headers.emplace_back("x-amz-content-sha256", body);
    request.headers.emplace_back("x-amz-date", moment);
    if (!keys.session_token.empty())
        request.headers.emplace_back("x-amz-security-token", std::string(keys.session_token));

    std::vector<std::pair<std::string, std::string>> headers = {{"host", std::string(host)}};
    for (const auto& [name, value] : request.headers) headers.emplace_back(lower_ascii(name), trim(value));
    std::ranges::sort(headers);
    std::vector<std::string> names;
    std::string lines;
    for (const auto& [name, value] : headers) {
        names.push_back(name);
        lines += fmt::format("{}:{}\n", name, value);
    }
    const auto signed_names = join(names, ";");

    const std::string_view url = request.url;
    const auto path_at = std::min(url.find('/', url.find("://") + 3), url.size());
    const auto query_at = std::min(url.find('?', path_at), url.size());
    const auto path = url.substr(path_at, query_at - path_at);
    const auto query = query_at == url.size() ? std::string() : canonical_query(url.substr(query_at + 1));
    const auto canonical = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, path.empty() ? "/" : path, query,
                                       lines, signed_names, body);

    const auto scope = fmt::format("{}/{}/s3/aws4_request", day, keys.region);
    const auto to_sign = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", moment, scope, hash_of(canonical));
    auto key = crypto::hmac(Hash::sha256, fmt::format("AWS4{}", keys.secret_key), day);
    for (const auto part : {keys.region, std::string_view("s3"), std::string_view("aws4_request")})
        key = crypto::hmac(Hash::sha256, key, part);
    request.headers.emplace_back(
        "Authorization", fmt::format("AWS4-HMAC-SHA256 Credential={}/{},SignedHeaders={},Signature={}", keys.access_key,
                                     scope, signed_names, to_hex(crypto::hmac(Hash::sha256, key, to_sign))));
}

}  // namespace tributary::connectors::file

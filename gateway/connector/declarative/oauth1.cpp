#include "gateway/connector/declarative/oauth1.hpp"

#include <algorithm>

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/url.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/value/form.hpp"
#include "gateway/value/percent.hpp"

namespace tributary::connector {
namespace {

Result<void> add_form(std::string_view text, Parameters& out) {
    TRY(const auto form, value::parse_form(text));
    for (const auto field : form.root()) {
        if (!field.is(value::Kind::array))
            out.emplace_back(field.key(), field.scalar_text());
        else
            for (const auto item : field) out.emplace_back(field.key(), item.scalar_text());
    }
    return {};
}

Result<std::string> text_of(std::string_view name, const Scope& scope) {
    TRY(const auto found, scope.find(name));
    if (found.text) return *found.text;
    return found.node.scalar_text();
}

}  // namespace

void Oauth1Auth::check(const Names& names, spec::Problems& problems) const {
    for (const auto* each : {&consumer_key, &consumer_secret, &token, &token_secret}) each->check(names, problems);
}

Result<Parameters> signed_parameters(const net::HttpRequest& request) {
    Parameters out;
    const auto mark = request.url.find('?');
    if (mark != std::string::npos) {
        const auto query = std::string_view(request.url).substr(mark + 1);
        CHECK_OK(add_form(query.substr(0, query.find('#')), out));
    }
    const auto* type = net::find_header(request.headers, "Content-Type");
    if (type && lower_ascii(*type).starts_with("application/x-www-form-urlencoded"))
        CHECK_OK(add_form(request.body, out));
    return out;
}

Result<std::string> oauth1_base_string(std::string_view method, std::string_view url, Parameters parameters) {
    TRY(auto parts, parse_url(url));
    if ((parts.scheme == "https" && parts.port == "443") || (parts.scheme == "http" && parts.port == "80"))
        parts.port.clear();
    for (auto& [name, text] : parameters) {
        name = value::percent_encode(name);
        text = value::percent_encode(text);
    }
    std::ranges::sort(parameters);
    std::vector<std::string> pairs;
    for (const auto& [name, text] : parameters) pairs.push_back(name + "=" + text);
    const auto where = parts.origin() + parts.target.substr(0, parts.target.find('?'));
    return std::string(method) + "&" + value::percent_encode(where) + "&" + value::percent_encode(join(pairs, "&"));
}

Result<std::string> oauth1_signature(const Oauth1Auth& auth, const Scope& scope, const net::HttpRequest& request,
                                     Parameters ours) {
    TRY(const auto consumer_secret, auth.consumer_secret.render_required(scope));
    TRY(const auto token_secret, auth.token_secret.render(scope));
    TRY(auto all, signed_parameters(request));
    all.insert(all.end(), ours.begin(), ours.end());
    TRY(const auto base, oauth1_base_string(request.method, request.url, std::move(all)));
    const auto key = value::percent_encode(consumer_secret) + "&" + value::percent_encode(token_secret.value_or(""));
    return to_base64(crypto::hmac(auth.algorithm, key, base));
}

Result<void> sign(const Oauth1Auth& auth, const Scope& scope, net::HttpRequest& request) {
    TRY(const auto token, auth.token.render(scope));
    Parameters ours;
    TRY(ours.emplace_back("oauth_consumer_key", "").second, auth.consumer_key.render_required(scope));
    TRY(ours.emplace_back("oauth_nonce", "").second, text_of("nonce", scope));
    ours.emplace_back("oauth_signature_method", auth.algorithm == crypto::Hash::sha1 ? "HMAC-SHA1" : "HMAC-SHA256");
    TRY(ours.emplace_back("oauth_timestamp", "").second, text_of("now.unix", scope));
    if (token && !token->empty()) ours.emplace_back("oauth_token", *token);
    if (auth.version) ours.emplace_back("oauth_version", "1.0");
    TRY(auto signature, oauth1_signature(auth, scope, request, ours));
    ours.emplace_back("oauth_signature", std::move(signature));
    std::vector<std::string> written;
    for (const auto& [name, text] : ours) written.push_back(name + "=\"" + value::percent_encode(text) + "\"");
    net::set_header(request.headers, "Authorization", "OAuth " + join(written, ", "));
    return {};
}

}  // namespace tributary::connector

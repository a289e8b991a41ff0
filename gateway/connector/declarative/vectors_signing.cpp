// Vectors of what goes out, or comes back from a login: kinds request_sign and oauth_callback.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/url.hpp"
#include "gateway/connector/declarative/vector_parts.hpp"
#include "gateway/value/form.hpp"
#include "gateway/value/percent.hpp"

namespace tributary::connector {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

// Its `params` become the query, as they are that of a request of ours.
net::HttpRequest outgoing(value::Node vector) {
    net::HttpRequest out{.method = std::string(vector.find("method").text()),
                         .url = std::string(vector.find("url").text()),
                         .headers = {},
                         .body = std::string(vector.find("body").text())};
    if (!out.body.empty()) net::set_header(out.headers, "Content-Type", std::string(kForm));
    std::vector<std::pair<std::string, std::string>> query;
    for (const auto field : vector.find("params")) query.emplace_back(field.key(), field.scalar_text());
    if (out.url.empty()) out.url = "https://api.example.com/";
    if (!query.empty()) out.url += '?' + encode_query(query);
    return out;
}

// "{credentials.consumer_key}" names consumer_key of credentials; empty: it is something else.
std::string name_in(std::string_view root, const Template& text) {
    std::string_view name = text.source();
    const auto before = fmt::format("{{{}.", root);
    if (!name.starts_with(before) || !name.ends_with('}')) return {};
    name.remove_prefix(before.size());
    name.remove_suffix(name.ends_with("?}") ? 2 : 1);
    return std::string(name);
}

// Settings that the connector sends along and the vector tells of in its params: {settings.sign_method}.
std::map<std::string, std::string> told_settings(value::Node vector, const Auth& auth) {
    std::map<std::string, std::string> out;
    for (const auto& step : auth.steps) {
        const auto* fixed = std::get_if<FixedAuth>(&step);
        if (!fixed) continue;
        for (const auto& [name, text] : fixed->query) {
            const auto theirs = vector.find("params").find(name);
            auto setting = name_in("settings", text);
            if (theirs && !setting.empty()) out.emplace(std::move(setting), theirs.scalar_text());
        }
    }
    return out;
}

// Whether the step is one for settings such as these; what is not told may be anything.
bool fits(const When& when, const std::map<std::string, std::string>& told) {
    return std::ranges::all_of(when, [&](const auto& each) {
        const auto found = told.find(each.name);
        return found == told.end() || found->second == each.value;
    });
}

// A fixed parameter of the connector's that is another one in the vector: it then signs in another way. Empty: none.
std::string other_way(value::Node vector, const Auth& auth) {
    for (const auto& step : auth.steps) {
        const auto* fixed = std::get_if<FixedAuth>(&step);
        if (!fixed) continue;
        for (const auto& [name, text] : fixed->query) {
            const auto theirs = vector.find("params").find(name);
            if (theirs && text.constant() && theirs.scalar_text() != text.source() && name.contains("sign"))
                return fmt::format("the connector signs with {} {}, not {}", name, text.source(), theirs.scalar_text());
        }
    }
    return {};
}

// What OAuth 1.0a signs with, under the names that the connector has for it.
std::map<std::string, std::string> oauth1_credentials(value::Node vector, const Oauth1Auth& auth) {
    const auto secrets = vector.find("secret").text();
    const auto cut = std::min(secrets.find('&'), secrets.size());
    const auto fields = vector.find("oauth_params");
    return {
        {name_in("credentials", auth.consumer_key), std::string(fields.find("oauth_consumer_key").text())},
        {name_in("credentials", auth.token), std::string(fields.find("oauth_token").text())},
        {name_in("credentials", auth.consumer_secret), std::string(secrets.substr(0, cut))},
        {name_in("credentials", auth.token_secret), std::string(secrets.substr(std::min(cut + 1, secrets.size())))}};
}

Verdict compare_signature(bool same, value::Node vector) {
    return compare(same ? Result<void>() : fail(Fault::unauthorized, std::string(kSignatureMismatch)),
                   vector.find("should_verify").boolean());
}

// A vector without nonce and time, which every request of ours has, says in its signed string which parameters it has;
// they are signed with the method that they name.
Verdict sign_oauth1_as_told(value::Node vector, Oauth1Auth auth, const Scope& scope) {
    const auto signed_string = vector.find("signed_string").text();
    const auto parameters = value::percent_decode(signed_string.substr(signed_string.rfind('&') + 1));
    const auto form = value::parse_form(parameters.value_or(""));
    if (!form || !form->root().find("oauth_signature_method"))
        return unjudged("it has neither a nonce and a time nor the parameters that were signed");
    Parameters ours;
    for (const auto field : form->root())
        if (field.key().starts_with("oauth_")) ours.emplace_back(field.key(), field.scalar_text());
    const auto method = form->root().find("oauth_signature_method").text();
    auth.algorithm = method == "HMAC-SHA1" ? crypto::Hash::sha1 : crypto::Hash::sha256;
    const auto signature = oauth1_signature(auth, scope, outgoing(vector), std::move(ours));
    if (!signature) return failed(signature.error().text());
    return compare_signature(*signature == vector.find("expected").text(), vector);
}

Verdict sign_oauth1(value::Node vector, const Oauth1Auth& auth) {
    const auto fields = vector.find("oauth_params");
    const auto at = to_integer(fields.find("oauth_timestamp").text());
    const auto known = oauth1_credentials(vector, auth);
    Scope scope;
    scope.bind("credentials", [&known](std::string_view field) -> Result<std::optional<std::string>> {
        const auto found = known.find(std::string(field));
        return found == known.end() ? std::nullopt : std::optional(found->second);
    });
    if (!at || !fields.find("oauth_nonce")) return sign_oauth1_as_told(vector, auth, scope);
    scope.bind("nonce", std::string(fields.find("oauth_nonce").text()));
    scope.bind_now(Timestamp(std::chrono::seconds(*at)));
    auto request = outgoing(vector);
    if (auto done = sign(auth, scope, request); !done) return failed(done.error().text());
    const auto wanted = "oauth_signature=\"" + value::percent_encode(vector.find("expected").text()) + "\"";
    const auto* header = request.header("Authorization");
    return compare_signature(header && header->contains(wanted), vector);
}

// {settings} and {credentials} of a vector. `settings` outlives it.
Scope scope_of(value::Node vector, const value::Document& settings) {
    Scope scope;
    scope.bind("settings", settings.root());
    scope.bind("credentials",
               [read = secrets_of(vector)](std::string_view field) -> Result<std::optional<std::string>> {
                   TRY(const auto secret, read(field));
                   return std::string(secret.reveal());
               });
    return scope;
}

Verdict sign_fields(value::Node vector, const SignatureAuth& auth) {
    const auto settings = settings_of(vector);
    const auto scope = scope_of(vector, settings);
    auto request = outgoing(vector);
    const auto before = request.url.size();
    if (auto done = sign(auth, scope, request); !done) return failed(done.error().text());
    const auto expected = std::string(vector.find("expected").text());
    bool same = std::ranges::any_of(request.headers, [&](const auto& header) { return header.second == expected; });
    for (const auto& [name, _] : auth.query)
        same |= std::string_view(request.url).substr(before).ends_with(name + "=" + value::percent_encode(expected));
    return compare_signature(same, vector);
}

// The moment at which it was signed: in front of what is signed, or "ts=" in the note.
std::optional<Timestamp> signed_at(value::Node vector) {
    auto text = vector.find("signed_string").text();
    if (text.empty()) {
        text = vector.find("note").text();
        const auto at = text.find("ts=");
        if (at == std::string_view::npos) return std::nullopt;
        text.remove_prefix(at + 3);
    }
    const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
    const auto number = to_integer(digits);
    if (!number) return std::nullopt;
    return digits.size() == 13 ? Timestamp(Milliseconds(*number)) : Timestamp(std::chrono::seconds(*number));
}

// A request that carries a signature of its own (group robots): whether the one expected stands in its query or body.
std::optional<Verdict> sign_by_request(value::Node vector, const RequestTemplate& request) {
    const auto at = signed_at(vector);
    if (!at || request.let.empty()) return std::nullopt;
    const auto settings = settings_of(vector);
    auto scope = scope_of(vector, settings);
    scope.bind("record", value::Node()).bind_now(*at);
    const auto made = draft(request, "https://api.example.com", scope);
    if (!made) return failed(made.error().text());
    const auto expected = vector.find("expected").text();
    bool same = std::ranges::any_of(made->query, [&](const auto& each) { return each.second == expected; });
    if (made->json)
        for (const auto member : made->json->root()) same |= member.text() == expected;
    return compare_signature(same, vector);
}

}  // namespace

Verdict judge_signing(value::Node vector, const WebhookCheck& check) {
    const auto& auth = check.auth;
    if (auto other = other_way(vector, auth); !other.empty()) return unjudged(std::move(other));
    const auto told = told_settings(vector, auth);
    for (const auto& step : auth.steps) {
        if (const auto* oauth1 = std::get_if<Oauth1Step>(&step)) return sign_oauth1(vector, *oauth1);
        const auto* fields = std::get_if<SignatureStep>(&step);
        if (fields && fits(fields->when, told)) return sign_fields(vector, *fields);
    }
    for (const auto& request : check.requests)
        if (auto verdict = sign_by_request(vector, request)) return *std::move(verdict);
    return unjudged("its connector.yaml signs no requests: it proves itself in another way");
}

Verdict judge_callback(value::Node vector, const Auth& auth) {
    const Verify* rule = nullptr;
    for (const auto* session : auth.sessions())
        if (session->grant && session->grant->callback) rule = &*session->grant->callback;
    if (!rule) return unjudged("its connector.yaml has no login whose callback is signed");
    const auto request = request_of(vector);
    if (!request) return unjudged(request.error().what);
    SignatureValues values(*request, secrets_of(vector));
    const auto settings = settings_of(vector);
    values.scope().bind("settings", settings.root());
    const auto [now, window] = clock_of(vector);
    return compare(rule->verify(values, now, window), vector.find("should_verify").boolean());
}

}  // namespace tributary::connector

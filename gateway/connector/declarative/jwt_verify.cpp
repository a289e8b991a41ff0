#include "gateway/connector/declarative/jwt_verify.hpp"

#include <algorithm>
#include <array>

#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/jwt.hpp"
#include "gateway/connector/declarative/signature_parts.hpp"

namespace tributary::connector {
namespace {

// What the file or the settings lack is not the sender's fault.
Result<std::string> expected(const Template& part, SignatureValues& values, std::string where) {
    auto text = part.render_required(values.scope());
    if (!text) return fail(Fault::bad_config, text.error().what, std::move(where));
    if (text->empty()) return fail(Fault::bad_config, "it is empty, and every token would do", std::move(where));
    return text;
}

Result<std::string> token_of(const JwtVerify& form, SignatureValues& values) {
    const auto* header = values.request().header(form.header);
    if (!header || header->empty()) return refuse(kSignatureMissing);
    // The scheme's case does not matter (RFC 9110 section 11.1).
    if (!equal_ignoring_case(std::string_view(*header).substr(0, form.prefix.size()), form.prefix))
        return refuse(kSignatureMissing);
    return std::string(trim(std::string_view(*header).substr(form.prefix.size())));
}

Result<void> check_signature(const JwtVerify& form, SignatureValues& values, const Jwt& token,
                             const std::string& issuer) {
    const auto algorithm =
        std::ranges::find(form.algorithms, token.algorithm, [](const auto& algorithm) { return name_of(algorithm); });
    if (algorithm == form.algorithms.end()) return refuse(kAlgorithmRefused);
    KeyPlace place{issuer, {}};
    if (!form.keys_url.empty()) {
        TRY(place.url, expected(form.keys_url, values, "webhooks.verify.keys_url"));
    }
    TRY(const auto keys, values.keys(place, token.key_id, *algorithm));
    const auto* key = keys->find(token.key_id, *algorithm);
    if (!key) return refuse(kKeyUnknown);
    if (!key->verifies(token.signed_part, token.signature)) return refuse(kSignatureMismatch);
    return {};
}

Result<void> check_audience(const JwtVerify& form, SignatureValues& values, value::Node claims) {
    const auto given = claims.find("aud");
    const auto is_for = [&](std::string_view wanted) {
        if (!given.is(value::Kind::array)) return given.is(value::Kind::text) && given.text() == wanted;
        return std::ranges::any_of(
            given, [&](value::Node each) { return each.is(value::Kind::text) && each.text() == wanted; });
    };
    bool named = false;
    for (const auto& each : form.audience) {
        auto wanted = each.render(values.scope());
        if (!wanted) return fail(Fault::bad_config, wanted.error().what, "webhooks.verify.audience");
        if (!*wanted || (*wanted)->empty()) continue;
        if (is_for(**wanted)) return {};
        named = true;
    }
    if (!named) return fail(Fault::bad_config, "it is empty, and no token is for nobody", "webhooks.verify.audience");
    return refuse(kAudienceMismatch);
}

Result<void> check_claims(const JwtVerify& form, SignatureValues& values, value::Node claims) {
    for (const auto& [name, text] : form.claims) {
        TRY(const auto wanted, expected(text, values, "webhooks.verify.claims." + name));
        if (claims.find(name).scalar_text() != wanted) return refuse(kClaimMismatch);
    }
    return {};
}

Result<void> check_times(const JwtVerify& form, value::Node claims, Timestamp now, const TimeWindow& window) {
    const auto end = jwt_moment(claims, "exp");
    if (end.is != JwtTime::given) return refuse(kTimestampMissing);
    const auto leeway = window.tolerance.value_or(form.leeway);
    if (window.check && now >= end.at + leeway) return refuse(kTokenExpired);
    for (const auto* claim : {"nbf", "iat"}) {
        const auto start = jwt_moment(claims, claim);
        if (start.is == JwtTime::broken) return refuse(kTimestampMissing);
        if (window.check && start.is == JwtTime::given && now + leeway < start.at) return refuse(kTokenEarly);
    }
    return {};
}

}  // namespace

Result<void> verify_jwt(const JwtVerify& form, SignatureValues& values, Timestamp now, const TimeWindow& window) {
    TRY(const auto text, token_of(form, values));
    const auto token = Jwt::read(text);
    if (!token) return refuse(kSignatureMalformed);
    TRY(const auto issuer, expected(form.issuer, values, "webhooks.verify.issuer"));
    CHECK_OK(check_signature(form, values, *token, issuer));
    const auto claims = token->claims.root();
    if (claims.find("iss").scalar_text() != issuer) return refuse(kIssuerMismatch);
    CHECK_OK(check_audience(form, values, claims));
    CHECK_OK(check_claims(form, values, claims));
    return check_times(form, claims, now, window);
}

void JwtVerify::check(const Names& names, spec::Problems& problems) const {
    issuer.check(names, problems);
    keys_url.check(names, problems);
    for (const auto& each : audience) each.check(names, problems);
    connector::check(claims, names, problems);
}

spec::Object<JwtVerify> jwt_verify_object() {
    static const auto algorithm =
        spec::choice<JwtAlgorithm>("jwt_algorithm", {{"rs256", JwtAlgorithm::rs256, "RSA with SHA-256"},
                                                     {"es256", JwtAlgorithm::es256, "ECDSA on P-256 with SHA-256"}});
    spec::Object<JwtVerify> object("jwt_verify",
                                   "an OpenID Connect token of the sender's; it covers nothing of the body");
    object
        .field("header", &JwtVerify::header,
               {.summary = "the header that holds the token", .fallback = "Authorization"})
        .field("prefix", &JwtVerify::prefix, {.summary = "what stands before it", .fallback = "'Bearer '"})
        .field("algorithms", &JwtVerify::algorithms, spec::one_or_many(algorithm),
               {.summary = "those that count", .fallback = "[rs256, es256]"})
        .field("issuer", &JwtVerify::issuer,
               {.summary = "who must have issued it", .example = "https://accounts.google.com"})
        .field("keys_url", &JwtVerify::keys_url,
               {.summary = "where the issuer's keys are (a JWK set), on one of allowed_hosts or public_hosts; default: "
                           "where <issuer>/.well-known/openid-configuration says",
                .required = false})
        .field("audience", &JwtVerify::audience, spec::one_or_many(spec::type_of<Template>()),
               {.summary = "whom it must be for: one of these", .example = "[\"{settings.audience?}\", \"{url}\"]"})
        .field("claims", &JwtVerify::claims,
               {.summary = "what else it must say", .required = false, .example = "{ email: \"{settings.sender}\" }"})
        .field("leeway", &JwtVerify::leeway,
               {.summary = "how far the issuer's clock may differ from ours", .fallback = "1m"})
        .check([](const JwtVerify& form, const spec::Yaml& yaml, spec::Problems& problems) {
            static constexpr std::array kOfRequest{
                "body", "method",      "url",          "decoded_url",  "path",  "query",     "header", "json", "form",
                "xml",  "sorted_form", "signed_query", "joined_query", "plain", "timestamp", "key",    "item"};
            for (const auto* name : kOfRequest)
                if (form.issuer.uses(name) || form.keys_url.uses(name))
                    problems.add(yaml.place(), "issuer and keys_url must not come out of the request");
            if (form.audience.empty()) problems.add(yaml.place(), "audience names at least one");
            if (form.algorithms.empty()) problems.add(yaml.place(), "algorithms names at least one");
        });
    return object;
}

}  // namespace tributary::connector

#include "gateway/connector/declarative/jwt_assertion.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/crypto/rsa.hpp"
#include "gateway/spec/object.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {

void JwtAssertion::check(const Names& names, spec::Problems& problems) const {
    key.check(names, problems);
    key_id.check(names, problems);
    connector::check(headers, names, problems);
    claims.check(names, problems);
}

Result<std::string> JwtAssertion::make(const Scope& scope, Timestamp now) const {
    TRY(const auto pem, key.render_required(scope));
    TRY(const auto signer, crypto::RsaKey::parse(pem));
    TRY(const auto id, key_id.render(scope));
    TRY(const auto nonce, scope.find("nonce"));
    value::Builder header;
    header.begin_object().key("alg").text("RS256").key("typ").text("JWT");
    if (id && !id->empty()) header.key("kid").text(*id);
    for (const auto& [name, text] : headers) {
        TRY(const auto value, text.render_required(scope));
        header.key(name).text(value);
    }
    header.end();
    TRY(const auto own, claims.render(scope));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    const auto life = std::chrono::duration_cast<std::chrono::seconds>(lifetime).count();
    value::Builder body;
    body.begin_object();
    for (const auto member : own.root()) body.key(member.key()).copy(member);
    body.key("iat").integer(seconds).key("exp").integer(seconds + life);
    body.key("jti").text(nonce.text.value_or("")).end();
    const auto message =
        to_base64url(value::to_json(header.take().root())) + "." + to_base64url(value::to_json(body.take().root()));
    return message + "." + to_base64url(signer.sign_sha256(message));
}

const spec::Type<JwtAssertion>& describe(spec::Tag<JwtAssertion>) {
    static const auto type =
        spec::Object<JwtAssertion>("jwt_assertion", "a JWT signed with a private key (RS256), used as {assertion}")
            .field("key", &JwtAssertion::key, {.summary = "RSA private key in PEM"})
            .field("key_id", &JwtAssertion::key_id, {.summary = "its id, kid in the header", .required = false})
            .field("headers", &JwtAssertion::headers,
                   {.summary = "further members of its header, such as x5t#S256 for a certificate", .required = false})
            .field("claims", &JwtAssertion::claims, {.summary = "claims; iat, exp and jti are added"})
            .field("lifetime", &JwtAssertion::lifetime, {.summary = "how long it is good", .fallback = "3m"})
            .type();
    return type;
}

}  // namespace tributary::connector

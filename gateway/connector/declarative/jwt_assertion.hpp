// JwtAssertion: a JWT of our own, signed with a private key, by which a client asks for a token (RFC 7523): Salesforce,
// Google service accounts, Microsoft client certificates.
#pragma once

#include <string>

#include "gateway/connector/declarative/template.hpp"

namespace tributary::connector {

struct JwtAssertion {
    Template key;  // RSA private key in PEM
    Template key_id;
    Texts headers;        // further ones, such as x5t#S256
    BodyTemplate claims;  // iat, exp and jti are added
    Milliseconds lifetime = std::chrono::minutes(3);

    void check(const Names& names, spec::Problems& problems) const;
    // Signed with RS256. {nonce} of the scope is the jti. Fault::bad_config: not such a key.
    Result<std::string> make(const Scope& scope, Timestamp now) const;
};
const spec::Type<JwtAssertion>& describe(spec::Tag<JwtAssertion>);

}  // namespace tributary::connector

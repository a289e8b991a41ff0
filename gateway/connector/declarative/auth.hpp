// Auth: how a connector proves who it is, as a file writes it: the closed list of outbound schemes.
//
// Several may be combined, in the order written: each session's login carries what stands before it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gateway/connector/declarative/condition.hpp"
#include "gateway/connector/declarative/jwt_assertion.hpp"
#include "gateway/connector/declarative/oauth1.hpp"
#include "gateway/connector/declarative/request.hpp"
#include "gateway/connector/declarative/verify.hpp"
#include "gateway/net/retry_after.hpp"
#include "gateway/vault/refresh_protocol.hpp"

namespace tributary::connector {

// Settings that must have these values, else the step is left out.
using When = std::vector<spec::Named<std::string>>;

// A fixed part of every request: a header (its prefix is free text), query parameters, fields of the JSON body.
// A secret in the path is just a name in a path template.
struct FixedAuth {
    Texts headers;
    Texts query;
    Texts body;
    std::optional<std::pair<Template, Template>> basic;  // user, password
    bool basic_encoded = false;                          // each percent-encoded before they are joined
    When when;
};

// How long what a login gave is good. Without one: until it is refused.
struct Lifetime {
    std::optional<Milliseconds> fixed;
    std::optional<Where> at;
    net::ResetUnit unit = net::ResetUnit::seconds;
    std::string jwt;  // the saved value that is a JWT: its `exp` counts
};

// Headers and query parameters made over the finished request: {signed} is `over` filled in, {key} the key, {method}
// {url} {target} {path} {body} the request, and {sorted_parameters} the names and values of its query and form, sorted
// by name and joined without separators, those without a value left out (Taobao, JD).
struct SignatureAuth {
    Texts first;  // headers set before, since `over` may repeat their values
    Template key;
    Template over;
    Template token;  // what the headers and parameters show, {token}, when it is more than the signature (EspoCRM)
    Texts headers;
    Texts query;
};

// Tokens that a person granted, or whose refresh token changes with every use: they are kept in the vault, and one
// process at a time renews them (grant_session.hpp). {login} holds what a login brings: code, redirect_uri,
// code_verifier, device_code.
struct GrantAuth {
    Template seed;  // a refresh token to begin with; empty: none
    Template token_url;
    vault::LostAnswer lost_answer = vault::LostAnswer::retry;
    Template authorize_url;  // empty: no login in a browser
    Template redirect_uri;
    Texts authorize_query;  // besides what the protocol itself adds
    bool pkce = true;
    // There are no refresh tokens: the access token itself is exchanged for a longer one, at once after the login.
    bool exchanged = false;
    std::vector<Condition> ended;    // answers of the token endpoint after which only a person can log in again
    std::optional<Verify> callback;  // the query that the browser brings back is signed so
    RequestTemplate redeem;          // a code for tokens
    std::optional<RequestTemplate> device_ask;     // for a device code and the code that a person types
    std::optional<RequestTemplate> device_redeem;  // a device code for tokens
};

// A login request whose answer gives values, cookies or both, which later requests carry.
struct SessionAuth {
    RequestTemplate login;
    // Asked instead of `login` when a session has ended: it knows the session's own {session.NAME}, such as a refresh
    // token. Refused, `login` is asked.
    std::optional<RequestTemplate> renew;
    std::vector<FixedAuth> login_auth;      // besides what stands before it
    std::optional<SignatureAuth> sign;      // the login alone is signed (Yonyou)
    std::optional<JwtAssertion> assertion;  // {assertion} in the login
    std::vector<spec::Named<Where>> save;   // become {session.NAME}
    bool cookies = false;                   // Set-Cookie of the login is sent back
    std::optional<Condition> failed;        // a login answered with 200 that is none
    std::optional<Lifetime> lifetime;
    FixedAuth attach;
    std::vector<Condition> refused;  // log in again, once; default: HTTP 401
    std::optional<GrantAuth> grant;
    When when;
    std::vector<std::string> methods;  // only for these; empty: for all (CSRF tokens name the modifying ones)
};

struct Oauth1Step : Oauth1Auth {
    When when;
};

struct SignatureStep : SignatureAuth {
    When when;
};

using AuthStep = std::variant<FixedAuth, SessionAuth, SignatureStep, Oauth1Step>;

struct Auth {
    std::vector<AuthStep> steps;

    std::vector<const SessionAuth*> sessions() const;
    // The names that logins save.
    std::set<std::string, std::less<>> saved() const;
    void check(const Names& names, spec::Problems& problems) const;
};
const spec::Type<Auth>& describe(spec::Tag<Auth>);

// Adds it to a request under construction.
Result<void> attach(const FixedAuth& auth, const Scope& scope, Draft& draft);
// REQUIRES: every other step is done. Adds the headers and parameters to the finished request.
Result<void> sign(const SignatureAuth& auth, const Scope& scope, net::HttpRequest& request);

}  // namespace tributary::connector

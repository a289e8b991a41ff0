// Oauth2: the grants of OAuth 2 (RFC 6749, 7523, 7636, 8628) as a file writes them. Each becomes a SessionAuth whose
// login is the token request.
#pragma once

#include "gateway/connector/declarative/auth.hpp"

namespace tributary::connector {

enum class Oauth2Grant : std::uint8_t {
    client_credentials,
    password,
    refresh_token,
    jwt_bearer,
    authorization_code,
    device_code
};
enum class ClientAuth : std::uint8_t { body, basic, basic_plain };

struct Oauth2 {
    Oauth2Grant grant = Oauth2Grant::client_credentials;
    ClientAuth client_auth = ClientAuth::body;
    Template token_url, client_id, client_secret, scope, username, password, refresh_token;
    std::optional<JwtAssertion> assertion;
    Texts parameters;  // of every request for tokens
    std::vector<spec::Named<Where>> save;
    std::string header;
    std::string prefix;
    std::vector<Condition> refused, ended;
    std::optional<Lifetime> lifetime;
    // Grants that a person gives.
    Template authorize_url, device_url, redirect_uri;
    Texts authorize_parameters;
    bool pkce = true;
    std::string exchange;  // grant type by which the access token is exchanged for a longer one; empty: not so
    std::optional<Verify> callback;
    vault::LostAnswer lost_answer = vault::LostAnswer::retry;
    When when;

    operator AuthStep() const;
};
spec::Object<Oauth2> oauth2_object();

// Shared with the other logins.
spec::Type<Lifetime> lifetime_type();

}  // namespace tributary::connector

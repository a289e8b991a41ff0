#include "gateway/connector/declarative/oauth2.hpp"

namespace tributary::connector {
namespace {

using Grant = Oauth2Grant;

Template known(std::string_view text) {
    return Template::compile(text).value();
}

// Those whose tokens lie in the vault, since they came from a person or change with every use.
bool kept(Grant grant) {
    return grant == Grant::refresh_token || grant == Grant::authorization_code || grant == Grant::device_code;
}

std::string_view grant_type(Grant grant) {
    switch (grant) {
        case Grant::client_credentials:
            return "client_credentials";
        case Grant::password:
            return "password";
        case Grant::jwt_bearer:
            return "urn:ietf:params:oauth:grant-type:jwt-bearer";
        case Grant::refresh_token:
        case Grant::authorization_code:
        case Grant::device_code:
            return "refresh_token";
    }
    return "";
}

void add(Texts& form, const char* name, const Template& text) {
    if (!text.empty()) form.emplace_back(name, text);
}

// The fields by which the client names itself in the form; with `basic` they stand in the header.
Texts client_fields(const Oauth2& from) {
    Texts form;
    if (from.client_auth != ClientAuth::body) return form;
    add(form, "client_id", from.client_id);
    add(form, "client_secret", from.client_secret);
    return form;
}

RequestTemplate to_endpoint(const Template& url, std::string_view type, const Texts& client, Texts more) {
    RequestTemplate out;
    out.url = url;
    Texts form;
    if (!type.empty()) form.emplace_back("grant_type", known(type));
    form.insert(form.end(), client.begin(), client.end());
    form.insert(form.end(), more.begin(), more.end());
    out.form = std::move(form);
    return out;
}

GrantAuth grant_of(const Oauth2& from) {
    const auto client = client_fields(from);
    GrantAuth out;
    out.seed = from.refresh_token;
    out.lost_answer = from.lost_answer;
    out.token_url = from.token_url;
    out.authorize_url = from.authorize_url;
    out.redirect_uri = from.redirect_uri;
    add(out.authorize_query, "client_id", from.client_id);
    add(out.authorize_query, "scope", from.scope);
    out.authorize_query.insert(out.authorize_query.end(), from.authorize_parameters.begin(),
                               from.authorize_parameters.end());
    out.pkce = from.pkce;
    out.exchanged = !from.exchange.empty();
    out.ended = from.ended;
    out.callback = from.callback;
    Texts code{{"code", known("{login.code}")}, {"redirect_uri", known("{login.redirect_uri}")}};
    if (from.pkce) code.emplace_back("code_verifier", known("{login.code_verifier}"));
    code.insert(code.end(), from.parameters.begin(), from.parameters.end());
    out.redeem = to_endpoint(from.token_url, "authorization_code", client, std::move(code));
    if (from.device_url.empty()) return out;
    Texts ask;
    // RFC 8628 3.1 wants the client id in the form, whatever the client proves itself with.
    if (from.client_auth != ClientAuth::body) add(ask, "client_id", from.client_id);
    add(ask, "scope", from.scope);
    out.device_ask = to_endpoint(from.device_url, "", client, std::move(ask));
    out.device_redeem = to_endpoint(from.token_url, "urn:ietf:params:oauth:grant-type:device_code", client,
                                    {{"device_code", known("{login.device_code}")}});
    return out;
}

void check_grant(const Oauth2& auth, const spec::Yaml& yaml, spec::Problems& problems) {
    const auto object = [&](std::string_view text) { problems.add(yaml.place(), std::string(text)); };
    if (auth.grant == Grant::jwt_bearer && !auth.assertion) object("grant jwt_bearer needs an assertion");
    if (auth.grant != Grant::jwt_bearer && auth.client_id.empty()) object("this grant needs a client_id");
    if (auth.client_auth != ClientAuth::body && auth.client_id.empty()) object("client_auth: basic needs a client_id");
    if (auth.grant == Grant::authorization_code && auth.authorize_url.empty())
        object("grant authorization_code needs an authorize_url");
    if (auth.grant == Grant::device_code && auth.device_url.empty()) object("grant device_code needs a device_url");
    if (!auth.exchange.empty() && auth.grant != Grant::authorization_code)
        object("exchange goes with grant authorization_code");
    if (!auth.ended.empty() && !kept(auth.grant)) object("ended goes with a grant that has refresh tokens");
    if (auth.callback && auth.authorize_url.empty()) object("callback goes with an authorize_url");
    if (!kept(auth.grant) && !(auth.authorize_url.empty() && auth.device_url.empty()))
        object("authorize_url and device_url go with the grants authorization_code and device_code");
}

}  // namespace

Oauth2::operator AuthStep() const {
    SessionAuth out;
    Texts form{{"grant_type", known(exchange.empty() ? grant_type(grant) : exchange)}};
    if (client_auth != ClientAuth::body)
        out.login_auth.push_back(
            {.basic = std::pair(client_id, client_secret), .basic_encoded = client_auth == ClientAuth::basic});
    const auto client = client_fields(*this);
    form.insert(form.end(), client.begin(), client.end());
    // A renewal keeps the scope that was granted: a person may have agreed to less than was asked for.
    if (grant != Grant::authorization_code && grant != Grant::device_code) add(form, "scope", scope);
    add(form, "username", username);
    add(form, "password", password);
    if (kept(grant)) form.emplace_back(exchange.empty() ? "refresh_token" : exchange, known("{refresh_token}"));
    if (grant == Grant::jwt_bearer) add(form, "assertion", known("{assertion}"));
    form.insert(form.end(), parameters.begin(), parameters.end());
    out.login.url = token_url;
    out.login.form = std::move(form);
    out.assertion = assertion;
    out.save = save;
    out.save.emplace_back("access_token", Where{.body = "access_token"});
    out.lifetime = lifetime ? lifetime : Lifetime{.at = Where{.body = "expires_in"}};
    out.attach.headers.emplace_back(header, known(prefix + "{session.access_token}"));
    out.refused = refused;
    out.when = when;
    if (kept(grant)) out.grant = grant_of(*this);
    return out;
}

spec::Object<Oauth2> oauth2_object() {
    static const auto grant = spec::choice<Grant>("oauth2_grant", {{"client_credentials", Grant::client_credentials},
                                                                   {"password", Grant::password},
                                                                   {"refresh_token", Grant::refresh_token},
                                                                   {"jwt_bearer", Grant::jwt_bearer},
                                                                   {"authorization_code", Grant::authorization_code},
                                                                   {"device_code", Grant::device_code}});
    static const auto client = spec::choice<ClientAuth>(
        "client_auth", {{"body", ClientAuth::body, "in the form"},
                        {"basic", ClientAuth::basic, "HTTP Basic, each part percent-encoded first (RFC 6749 2.3.1)"},
                        {"basic_plain", ClientAuth::basic_plain, "HTTP Basic, for providers that do not decode"}});
    using Lost = vault::LostAnswer;
    static const auto lost =
        spec::choice<Lost>("lost_answer", {{"retry", Lost::retry}, {"log_in_again", Lost::log_in_again}});
    spec::Object<Oauth2> object("auth_oauth2", "OAuth 2: a token from the token endpoint");
    object
        .field(
            "grant", &Oauth2::grant, grant,
            {.summary = "which grant; authorization_code and device_code are begun with `tributary connection login`"})
        .field("token_url", &Oauth2::token_url, {.summary = "the token endpoint"})
        .field("client_id", &Oauth2::client_id, {.summary = "client id", .required = false})
        .field("client_secret", &Oauth2::client_secret,
               {.summary = "client secret; without one: a public client", .required = false})
        .field("client_auth", &Oauth2::client_auth, client,
               {.summary = "where the client's secret stands", .fallback = "body"})
        .field("scope", &Oauth2::scope, {.summary = "scopes, separated by spaces", .required = false})
        .field("username", &Oauth2::username, {.summary = "for grant password", .required = false})
        .field("password", &Oauth2::password, {.summary = "for grant password", .required = false})
        .field("refresh_token", &Oauth2::refresh_token,
               {.summary = "a refresh token to begin with, when nobody logged in; those that come after it are kept in "
                           "the vault",
                .required = false})
        .field("assertion", &Oauth2::assertion,
               {.summary = "for grant jwt_bearer, or as {assertion} among the parameters"})
        .field("parameters", &Oauth2::parameters,
               {.summary = "further form fields of every request for tokens", .required = false})
        .field("save", &Oauth2::save,
               {.summary = "further values of the answer, used as {session.NAME}", .required = false})
        .field("header", &Oauth2::header, {.summary = "the header that carries the token", .fallback = "Authorization"})
        .field("prefix", &Oauth2::prefix, {.summary = "before the token in that header", .fallback = "'Bearer '"})
        .field("lifetime", &Oauth2::lifetime, lifetime_type(), {.summary = "default: expires_in seconds"})
        .field("refused", &Oauth2::refused, spec::one_or_many(spec::type_of<Condition>()),
               {.summary = "answers after which to ask for a new token, once", .fallback = "{ status: 401 }"})
        .field("ended", &Oauth2::ended, spec::one_or_many(spec::type_of<Condition>()),
               {.summary = "answers of the token endpoint that say that the refresh token is good no more, besides 4xx "
                           "with the error invalid_grant: somebody must log in again",
                .required = false})
        .field(
            "authorize_url", &Oauth2::authorize_url,
            {.summary = "the page where a person agrees; it is opened in a browser, never called", .required = false})
        .field("authorize_parameters", &Oauth2::authorize_parameters,
               {.summary = "further parameters of that page", .required = false})
        .field("pkce", &Oauth2::pkce, {.summary = "send an S256 challenge (RFC 7636)", .fallback = "true"})
        .field("exchange", &Oauth2::exchange,
               {.summary = "for a provider without refresh tokens: the grant type by which the access token, in a form "
                           "field of that name, is exchanged for one that lasts longer, at once after the login and "
                           "again before it ends",
                .required = false})
        .field("redirect_uri", &Oauth2::redirect_uri,
               {.summary = "where the provider sends the browser back; it must be registered there",
                .fallback = "http://127.0.0.1:8765/callback"})
        .field("callback", &Oauth2::callback,
               {.summary = "how the provider signs the query that the browser brings back; by default it does not"})
        .field("device_url", &Oauth2::device_url,
               {.summary = "the device authorization endpoint (RFC 8628)", .required = false})
        .field("lost_answer", &Oauth2::lost_answer, lost,
               {.summary = "when the answer to a renewal was lost: ask again with the same refresh token, or, for a "
                           "provider that revokes everything when it sees one twice, have a person log in again",
                .fallback = "retry"})
        .check(&check_grant);
    return object;
}

}  // namespace tributary::connector

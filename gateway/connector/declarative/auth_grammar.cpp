// The auth schemes as files write them. OAuth2's grants are a session whose login is the token request.
#include "gateway/connector/declarative/auth.hpp"
#include "gateway/spec/alternatives.hpp"

namespace tributary::connector {
namespace {

Template known(std::string_view text) {
    return Template::compile(text).value();
}

struct Nothing {
    operator AuthStep() const { return FixedAuth{}; }
};

struct Header {
    std::string name;
    Template value;
    operator AuthStep() const { return FixedAuth{.headers = {{name, value}}}; }
};

struct Basic {
    Template user, password;
    operator AuthStep() const { return FixedAuth{.basic = std::pair(user, password)}; }
};

struct Query {
    Texts parameters;
    operator AuthStep() const { return FixedAuth{.query = parameters}; }
};

struct Body {
    Texts fields;
    operator AuthStep() const { return FixedAuth{.body = fields}; }
};

enum class Grant { client_credentials, password, refresh_token, jwt_bearer };
enum class ClientAuth { body, basic };

struct Oauth2 {
    Grant grant = Grant::client_credentials;
    ClientAuth client_auth = ClientAuth::body;
    Template token_url, client_id, client_secret, scope, username, password, refresh_token;
    std::optional<JwtAssertion> assertion;
    Texts parameters;
    std::vector<spec::Named<Where>> save;
    std::string prefix;
    std::vector<Condition> refused;
    std::optional<Lifetime> lifetime;

    operator AuthStep() const;
};

Oauth2::operator AuthStep() const {
    static constexpr std::string_view kGrants[] = {"client_credentials", "password", "refresh_token",
                                                   "urn:ietf:params:oauth:grant-type:jwt-bearer"};
    SessionAuth out;
    out.login.url = token_url;
    Texts form{{"grant_type", known(kGrants[static_cast<int>(grant)])}};
    const auto add = [&](const char* name, const Template& text) {
        if (!text.empty()) form.emplace_back(name, text);
    };
    if (client_auth == ClientAuth::basic) {
        out.login_auth.push_back({.basic = std::pair(client_id, client_secret)});
    } else {
        add("client_id", client_id);
        add("client_secret", client_secret);
    }
    add("scope", scope);
    add("username", username);
    add("password", password);
    add("refresh_token", refresh_token);
    if (grant == Grant::jwt_bearer) add("assertion", known("{assertion}"));
    out.assertion = assertion;
    form.insert(form.end(), parameters.begin(), parameters.end());
    out.login.form = std::move(form);
    out.save = save;
    out.save.emplace_back("access_token", Where{.body = "access_token"});
    out.lifetime = lifetime ? lifetime : Lifetime{.at = Where{.body = "expires_in"}};
    out.attach.headers.emplace_back("Authorization", known(prefix + "{session.access_token}"));
    out.refused = refused;
    return out;
}

spec::Type<Lifetime> lifetime_type() {
    using Unit = net::ResetUnit;
    static const auto unit = spec::choice<Unit>("lifetime_unit", {{"seconds", Unit::seconds},
                                                                  {"milliseconds", Unit::milliseconds},
                                                                  {"minutes", Unit::minutes},
                                                                  {"epoch_seconds", Unit::epoch_seconds},
                                                                  {"epoch_milliseconds", Unit::epoch_milliseconds},
                                                                  {"timestamp", Unit::timestamp}});
    static const auto type = spec::with_short_form<Lifetime>(
        spec::Object<Lifetime>("lifetime", "how long what a login gave is good")
            .field("at", &Lifetime::at, {.summary = "where the answer says it"})
            .field("unit", &Lifetime::unit, unit, {.summary = "what that value counts", .fallback = "seconds"})
            .field("jwt", &Lifetime::jwt,
                   {.summary = "name of the saved value that is a JWT: its exp counts", .required = false})
            .check([](const Lifetime& lifetime, const spec::Yaml& yaml, spec::Problems& problems) {
                if (lifetime.at.has_value() == !lifetime.jwt.empty())
                    problems.add(yaml.place(), "give either at or jwt");
            })
            .type(),
        spec::Yaml::Kind::scalar, spec::duration(), [](Milliseconds fixed) { return Lifetime{.fixed = fixed}; });
    return type;
}

spec::Type<FixedAuth> attach_type() {
    static const auto type =
        spec::Object<FixedAuth>("attach", "what later requests carry")
            .field("headers", &FixedAuth::headers, {.summary = "headers", .required = false})
            .field("query", &FixedAuth::query, {.summary = "query parameters", .required = false})
            .field("body", &FixedAuth::body, {.summary = "fields of the JSON body", .required = false})
            .type();
    return type;
}

spec::Object<SignatureAuth> signature_object(const char* name) {
    return spec::Object<SignatureAuth>(name, "headers made over the finished request")
        .field("first", &SignatureAuth::first, {.summary = "headers set before", .required = false})
        .field("key", &SignatureAuth::key, {.summary = "the key, {key}"})
        .field("over", &SignatureAuth::over, {.summary = "what is signed, {signed}"})
        .field("token", &SignatureAuth::token,
               {.summary = "a text made with the signature, {token}", .required = false})
        .field("headers", &SignatureAuth::headers, {.summary = "headers that hold the signature", .required = false})
        .field("query", &SignatureAuth::query,
               {.summary = "query parameters that hold the signature", .required = false})
        .check([](const SignatureAuth& auth, const spec::Yaml& yaml, spec::Problems& problems) {
            if (auth.headers.empty() && auth.query.empty())
                problems.add(yaml.place(), "say where the signature goes: headers or query");
        });
}

spec::Object<SessionAuth> session_object() {
    spec::Object<SessionAuth> object("auth_session",
                                     "a login whose answer later requests carry: values, cookies or both");
    static const auto sign = signature_object("sign").type();
    object.field("login", &SessionAuth::login, {.summary = "the login request"})
        .field("sign", &SessionAuth::sign, sign, {.summary = "how the login request alone is signed"})
        .field("renew", &SessionAuth::renew,
               {.summary = "asked instead when a session has ended, with its {session.NAME}; refused, login is asked"})
        .field("save", &SessionAuth::save,
               {.summary = "values of its answer, used as {session.NAME}", .required = false})
        .field("cookies", &SessionAuth::cookies, {.summary = "send its cookies back", .required = false})
        .field("failed", &SessionAuth::failed, {.summary = "an answer that is no login although its status says so"})
        .field("lifetime", &SessionAuth::lifetime, lifetime_type(),
               {.summary = "how long it is good; default: until it is refused"})
        .field("attach", &SessionAuth::attach, attach_type(),
               {.summary = "what later requests carry", .required = false})
        .field("refused", &SessionAuth::refused, spec::one_or_many(spec::type_of<Condition>()),
               {.summary = "answers after which to log in again, once", .fallback = "{ status: 401 }"})
        .field("methods", &SessionAuth::methods, {.summary = "only for requests of these methods", .required = false});
    return object;
}

spec::Object<Oauth2> oauth2_object() {
    static const auto grant = spec::choice<Grant>("grant", {{"client_credentials", Grant::client_credentials},
                                                            {"password", Grant::password},
                                                            {"refresh_token", Grant::refresh_token},
                                                            {"jwt_bearer", Grant::jwt_bearer}});
    static const auto client =
        spec::choice<ClientAuth>("client_auth", {{"body", ClientAuth::body}, {"basic", ClientAuth::basic}});
    spec::Object<Oauth2> object("auth_oauth2", "OAuth 2: a token from the token endpoint");
    object.field("grant", &Oauth2::grant, grant, {.summary = "which grant"})
        .field("token_url", &Oauth2::token_url, {.summary = "the token endpoint"})
        .field("client_id", &Oauth2::client_id, {.summary = "client id", .required = false})
        .field("client_secret", &Oauth2::client_secret, {.summary = "client secret", .required = false})
        .field("client_auth", &Oauth2::client_auth, client,
               {.summary = "where the client's secret stands", .fallback = "body"})
        .field("scope", &Oauth2::scope, {.summary = "scopes, separated by spaces", .required = false})
        .field("username", &Oauth2::username, {.summary = "for grant password", .required = false})
        .field("password", &Oauth2::password, {.summary = "for grant password", .required = false})
        .field("refresh_token", &Oauth2::refresh_token, {.summary = "for grant refresh_token", .required = false})
        .field("assertion", &Oauth2::assertion,
               {.summary = "for grant jwt_bearer, or as {assertion} among the parameters"})
        .field("parameters", &Oauth2::parameters, {.summary = "further form fields", .required = false})
        .field("save", &Oauth2::save,
               {.summary = "further values of the answer, used as {session.NAME}", .required = false})
        .field("prefix", &Oauth2::prefix,
               {.summary = "before the token in the Authorization header", .fallback = "'Bearer '"})
        .field("lifetime", &Oauth2::lifetime, lifetime_type(), {.summary = "default: expires_in seconds"})
        .field("refused", &Oauth2::refused, spec::one_or_many(spec::type_of<Condition>()),
               {.summary = "answers after which to ask for a new token, once", .fallback = "{ status: 401 }"})
        .check([](const Oauth2& auth, const spec::Yaml& yaml, spec::Problems& problems) {
            if (auth.grant == Grant::jwt_bearer && !auth.assertion)
                problems.add(yaml.place(), "grant jwt_bearer needs an assertion");
            if (auth.grant != Grant::jwt_bearer && auth.client_id.empty())
                problems.add(yaml.place(), "this grant needs a client_id");
            if (auth.client_auth == ClientAuth::basic && auth.client_id.empty())
                problems.add(yaml.place(), "client_auth: basic needs a client_id");
        });
    return object;
}

spec::Object<Oauth1Auth> oauth1_object() {
    using crypto::Hash;
    static const auto algorithm =
        spec::choice<Hash>("oauth1_algorithm", {{"hmac_sha1", Hash::sha1}, {"hmac_sha256", Hash::sha256}});
    spec::Object<Oauth1Auth> object("auth_oauth1", "OAuth 1.0a: a header that signs URL, query and form");
    object.field("consumer_key", &Oauth1Auth::consumer_key, {.summary = "consumer key"})
        .field("consumer_secret", &Oauth1Auth::consumer_secret, {.summary = "consumer secret"})
        .field("token", &Oauth1Auth::token, {.summary = "access token", .required = false})
        .field("token_secret", &Oauth1Auth::token_secret, {.summary = "its secret", .required = false})
        .field("algorithm", &Oauth1Auth::algorithm, algorithm, {.summary = "hash", .fallback = "hmac_sha256"})
        .field("version", &Oauth1Auth::version, {.summary = "say oauth_version=1.0", .fallback = "true"});
    return object;
}

const spec::Type<AuthStep>& step_type() {
    static const auto type =
        spec::Alternatives<AuthStep>("auth", "how the connector proves who it is")
            .alternative("none", spec::Object<Nothing>("auth_none", "nothing"))
            .alternative("header", spec::Object<Header>("auth_header", "a fixed header")
                                       .field("name", &Header::name, {.summary = "its name"})
                                       .field("value", &Header::value, {.summary = "its value, any prefix included"}))
            .alternative("basic", spec::Object<Basic>("auth_basic", "HTTP Basic")
                                      .field("user", &Basic::user, {.summary = "user"})
                                      .field("password", &Basic::password, {.summary = "password", .required = false}))
            .alternative("query", spec::Object<Query>("auth_query", "secrets in the query")
                                      .field("parameters", &Query::parameters, {.summary = "query parameters"}))
            .alternative("body", spec::Object<Body>("auth_body", "secrets in the JSON or form body of every call")
                                     .field("fields", &Body::fields, {.summary = "fields"}))
            .alternative("session", session_object())
            .alternative("oauth2", oauth2_object())
            .alternative("signature", signature_object("auth_signature"))
            .alternative("oauth1", oauth1_object())
            .type();
    return type;
}

}  // namespace

const spec::Type<Auth>& describe(spec::Tag<Auth>) {
    static const auto list = spec::one_or_many(step_type());
    static const spec::Type<Auth> type(list.shape_pointer(),
                                       [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<Auth> {
                                           auto steps = list.parse(yaml, problems);
                                           if (!steps) return std::nullopt;
                                           return Auth{*std::move(steps)};
                                       });
    return type;
}

}  // namespace tributary::connector

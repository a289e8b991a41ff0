// The auth schemes as files write them. Those of OAuth 2 stand in oauth2.cpp.
#include "gateway/connector/declarative/auth.hpp"
#include "gateway/connector/declarative/oauth2.hpp"
#include "gateway/spec/alternatives.hpp"

namespace tributary::connector {
namespace {

struct Nothing {
    operator AuthStep() const { return FixedAuth{}; }
};

struct Header {
    std::string name;
    Template value;
    When when;
    operator AuthStep() const { return FixedAuth{.headers = {{name, value}}, .when = when}; }
};

struct Basic {
    Template user, password;
    When when;
    operator AuthStep() const { return FixedAuth{.basic = std::pair(user, password), .when = when}; }
};

struct Query {
    Texts parameters;
    When when;
    operator AuthStep() const { return FixedAuth{.query = parameters, .when = when}; }
};

struct Body {
    Texts fields;
    When when;
    operator AuthStep() const { return FixedAuth{.body = fields, .when = when}; }
};

// The connector's settings may choose among several ways to log in.
template <class Step>
spec::Object<Step> chosen(spec::Object<Step> object) {
    object.field("when", &Step::when,
                 {.summary = "only for connections whose settings have these values", .required = false});
    return object;
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

template <class Signature>
spec::Object<Signature> signature_object(const char* name) {
    return spec::Object<Signature>(name, "headers made over the finished request")
        .field("first", &Signature::first, {.summary = "headers set before", .required = false})
        .field("key", &Signature::key, {.summary = "the key, {key}"})
        .field("over", &Signature::over, {.summary = "what is signed, {signed}"})
        .field("token", &Signature::token, {.summary = "a text made with the signature, {token}", .required = false})
        .field("headers", &Signature::headers, {.summary = "headers that hold the signature", .required = false})
        .field("query", &Signature::query, {.summary = "query parameters that hold the signature", .required = false})
        .check([](const Signature& auth, const spec::Yaml& yaml, spec::Problems& problems) {
            if (auth.headers.empty() && auth.query.empty())
                problems.add(yaml.place(), "say where the signature goes: headers or query");
        });
}

spec::Object<SessionAuth> session_object() {
    spec::Object<SessionAuth> object("auth_session",
                                     "a login whose answer later requests carry: values, cookies or both");
    static const auto sign = signature_object<SignatureAuth>("sign").type();
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

spec::Object<Oauth1Step> oauth1_object() {
    using crypto::Hash;
    static const auto algorithm =
        spec::choice<Hash>("oauth1_algorithm", {{"hmac_sha1", Hash::sha1}, {"hmac_sha256", Hash::sha256}});
    spec::Object<Oauth1Step> object("auth_oauth1", "OAuth 1.0a: a header that signs URL, query and form");
    object.field("consumer_key", &Oauth1Step::consumer_key, {.summary = "consumer key"})
        .field("consumer_secret", &Oauth1Step::consumer_secret, {.summary = "consumer secret"})
        .field("token", &Oauth1Step::token, {.summary = "access token", .required = false})
        .field("token_secret", &Oauth1Step::token_secret, {.summary = "its secret", .required = false})
        .field("algorithm", &Oauth1Step::algorithm, algorithm, {.summary = "hash", .fallback = "hmac_sha256"})
        .field("version", &Oauth1Step::version, {.summary = "say oauth_version=1.0", .fallback = "true"});
    return object;
}

const spec::Type<AuthStep>& step_type() {
    static const auto type =
        spec::Alternatives<AuthStep>("auth", "how the connector proves who it is")
            .alternative("none", spec::Object<Nothing>("auth_none", "nothing"))
            .alternative("header",
                         chosen(spec::Object<Header>("auth_header", "a fixed header")
                                    .field("name", &Header::name, {.summary = "its name"})
                                    .field("value", &Header::value, {.summary = "its value, any prefix included"})))
            .alternative("basic",
                         chosen(spec::Object<Basic>("auth_basic", "HTTP Basic")
                                    .field("user", &Basic::user, {.summary = "user"})
                                    .field("password", &Basic::password, {.summary = "password", .required = false})))
            .alternative("query", chosen(spec::Object<Query>("auth_query", "secrets in the query")
                                             .field("parameters", &Query::parameters, {.summary = "query parameters"})))
            .alternative("body",
                         chosen(spec::Object<Body>("auth_body", "secrets in the JSON or form body of every call")
                                    .field("fields", &Body::fields, {.summary = "fields"})))
            .alternative("session", chosen(session_object()))
            .alternative("oauth2", chosen(oauth2_object()))
            .alternative("signature", chosen(signature_object<SignatureStep>("auth_signature")))
            .alternative("oauth1", chosen(oauth1_object()))
            .type();
    return type;
}

}  // namespace

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

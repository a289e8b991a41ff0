#include "gateway/connector/declarative/auth.hpp"

#include <algorithm>

#include "gateway/base/base64.hpp"
#include "gateway/connector/declarative/url.hpp"

namespace tributary::connector {
namespace {

void check_when(const When& when, const Names& names, spec::Problems& problems) {
    for (const auto& [setting, _] : when)
        if (const auto objection = names.objection("settings." + setting))
            problems.add(spec::Place{}, "auth: when: " + *objection);
}

void check_fixed(const FixedAuth& auth, const Names& names, spec::Problems& problems) {
    check(auth.headers, names, problems);
    check(auth.query, names, problems);
    check(auth.body, names, problems);
    if (auth.basic) auth.basic->first.check(names, problems), auth.basic->second.check(names, problems);
    check_when(auth.when, names, problems);
}

void check_signature(const SignatureAuth& auth, const Names& names, spec::Problems& problems) {
    auto inner = names;
    for (const auto* name :
         {"key", "signed", "token", "method", "url", "target", "path", "body", "sorted_parameters", "idempotency_key"})
        inner.any(name);
    check(auth.first, inner, problems);
    auth.key.check(inner, problems);
    auth.over.check(inner, problems);
    auth.token.check(inner, problems);
    check(auth.headers, inner, problems);
    check(auth.query, inner, problems);
}

void check_grant(const GrantAuth& grant, const Names& names, spec::Problems& problems) {
    for (const auto* text : {&grant.seed, &grant.authorize_url, &grant.redirect_uri}) text->check(names, problems);
    check(grant.authorize_query, names, problems);
    auto of_query = names;
    for (const auto* name : {"query", "signed_query", "timestamp", "key"}) of_query.any(name);
    if (grant.callback) grant.callback->check(of_query, problems);
    auto with_login = names;
    with_login.any("login");
    grant.redeem.check(with_login, problems);
    if (grant.device_ask) grant.device_ask->check(with_login, problems);
    if (grant.device_redeem) grant.device_redeem->check(with_login, problems);
}

void check_session(const SessionAuth& auth, const Names& names, spec::Problems& problems) {
    auto with_assertion = names;
    if (auth.assertion) {
        auth.assertion->check(names, problems);
        with_assertion.any("assertion");
    }
    if (auth.grant) with_assertion.any("refresh_token").any("login");
    auth.login.check(with_assertion, problems);
    if (auth.renew) auth.renew->check(names, problems);
    if (auth.grant) check_grant(*auth.grant, names, problems);
    for (const auto& each : auth.login_auth) check_fixed(each, names, problems);
    if (auth.sign) check_signature(*auth.sign, names, problems);
    auto with_answer = names;
    with_answer.any("answer");
    for (const auto& [_, where] : auth.save) where.check(with_answer, problems);
    check_fixed(auth.attach, names, problems);
    check_when(auth.when, names, problems);
}

Result<std::string> sorted_parameters(const net::HttpRequest& request) {
    TRY(auto parameters, signed_parameters(request));
    std::ranges::sort(parameters);
    std::string joined;
    for (const auto& [name, text] : parameters)
        if (!text.empty()) joined.append(name).append(text);
    return joined;
}

value::Document with_fields(value::Node body, const std::vector<std::pair<std::string, std::string>>& fields) {
    value::Builder out;
    out.begin_object();
    for (const auto& [name, text] : fields) out.key(name).text(text);
    const auto ours = [&](std::string_view key) {
        return std::ranges::any_of(fields, [&](const auto& field) { return field.first == key; });
    };
    for (const auto member : body)
        if (!ours(member.key())) out.key(member.key()).copy(member);
    out.end();
    return out.take();
}

}  // namespace

std::vector<const SessionAuth*> Auth::sessions() const {
    std::vector<const SessionAuth*> out;
    for (const auto& step : steps)
        if (const auto* session = std::get_if<SessionAuth>(&step)) out.push_back(session);
    return out;
}

std::set<std::string, std::less<>> Auth::saved() const {
    std::set<std::string, std::less<>> out;
    for (const auto* session : sessions())
        for (const auto& [name, _] : session->save) out.insert(name);
    return out;
}

void Auth::check(const Names& names, spec::Problems& problems) const {
    for (const auto& step : steps) {
        if (const auto* fixed = std::get_if<FixedAuth>(&step)) check_fixed(*fixed, names, problems);
        if (const auto* session = std::get_if<SessionAuth>(&step)) check_session(*session, names, problems);
        if (const auto* signature = std::get_if<SignatureStep>(&step)) {
            check_signature(*signature, names, problems);
            check_when(signature->when, names, problems);
        }
        if (const auto* oauth1 = std::get_if<Oauth1Step>(&step)) {
            oauth1->check(names, problems);
            check_when(oauth1->when, names, problems);
        }
    }
}

Result<void> attach(const FixedAuth& auth, const Scope& scope, Draft& draft) {
    if (auth.basic) {
        const auto place = auth.basic_encoded ? Place::query : Place::text;
        TRY(const auto user, auth.basic->first.render_required(scope, place));
        TRY(const auto password, auth.basic->second.render_required(scope, place));
        draft.set_header("Authorization", "Basic " + to_base64(user + ":" + password));
    }
    TRY(const auto headers, fill(auth.headers, scope, Place::header));
    for (const auto& [name, text] : headers) draft.set_header(name, text);
    TRY(const auto query, fill(auth.query, scope, Place::text));
    for (const auto& [name, text] : query) draft.set_query(name, text);
    if (auth.body.empty()) return {};
    TRY(const auto fields, fill(auth.body, scope, Place::text));
    if (draft.form) {
        draft.form->insert(draft.form->end(), fields.begin(), fields.end());
        return {};
    }
    draft.json = with_fields(draft.json ? draft.json->root() : value::Node{}, fields);
    return {};
}

Result<void> sign(const SignatureAuth& auth, const Scope& outer, net::HttpRequest& request) {
    Scope scope = outer;
    TRY(const auto url, parse_url(request.url));
    scope.bind("method", request.method).bind("url", request.url).bind("target", url.target).bind("body", request.body);
    scope.bind("path", url.target.substr(0, url.target.find('?')));
    scope.bind("sorted_parameters", [&request](std::string_view) -> Result<std::optional<std::string>> {
        return sorted_parameters(request);
    });
    TRY(const auto first, fill(auth.first, scope, Place::header));
    for (const auto& [name, text] : first) net::set_header(request.headers, name, text);
    TRY(auto key, auth.key.render_required(scope));
    scope.bind("key", std::move(key));
    TRY(auto text, auth.over.render_required(scope));
    scope.bind("signed", std::move(text));
    if (!auth.token.empty()) {
        TRY(auto token, auth.token.render_required(scope));
        scope.bind("token", std::move(token));
    }
    TRY(const auto headers, fill(auth.headers, scope, Place::header));
    for (const auto& [name, value] : headers) net::set_header(request.headers, name, value);
    TRY(const auto query, fill(auth.query, scope, Place::text));
    if (!query.empty()) request.url += (request.url.contains('?') ? '&' : '?') + encode_query(query);
    return {};
}

}  // namespace tributary::connector

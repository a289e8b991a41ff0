#include "gateway/connector/declarative/request.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/url.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

bool any_uses(const Texts& texts, std::string_view root) {
    return std::ranges::any_of(texts, [&](const auto& each) { return each.value.uses(root); });
}

std::string join_url(std::string base, const std::string& path) {
    if (path.empty() || path.starts_with('?')) return base + path;
    if (base.ends_with('/')) base.pop_back();
    return base + (path.starts_with('/') ? "" : "/") + path;
}

Result<value::Document> graphql_body(const Graphql& graphql, const Scope& scope) {
    value::Builder out;
    out.begin_object().key("query").text(graphql.query);
    if (graphql.variables) {
        TRY(const auto variables, graphql.variables->render(scope));
        out.key("variables").copy(variables.root());
    }
    out.end();
    return out.take();
}

// {let.NAME}: those that came before may be used.
Result<Scope> with_texts(const Texts& texts, const Scope& scope) {
    auto known = std::make_shared<std::map<std::string, std::string, std::less<>>>();
    Scope out = scope;
    out.bind("let", [known](std::string_view name) -> Result<std::optional<std::string>> {
        const auto found = known->find(name);
        return found == known->end() ? std::nullopt : std::optional(found->second);
    });
    for (const auto& [name, text] : texts) {
        auto value = text.render_required(out);
        if (!value) return pass(std::move(value), "let " + name);
        known->emplace(name, *std::move(value));
    }
    return out;
}

Result<void> add_text(const spec::Named<Template>& each, const Scope& scope, Place place, Pairs& out) {
    auto value = each.value.render(scope, place);
    if (!value) return pass(std::move(value), each.name);
    if (*value) out.emplace_back(each.name, **std::move(value));
    return {};
}

Result<void> add_list(const spec::Named<Template>& each, const Scope& scope, Pairs& out) {
    value::Builder builder;
    auto there = each.value.build(scope, builder);
    if (!there) return pass(std::move(there), each.name);
    if (!*there) return {};
    const auto list = builder.take();
    if (!list.root().is(value::Kind::array)) return fail(Fault::bad_input, "this takes a list", each.name);
    for (const auto item : list.root()) out.emplace_back(each.name, item.scalar_text());
    return {};
}

// A form field NAME[] takes a list, and stands there once for each item of it.
Result<Pairs> fill_form(const Texts& form, const Scope& scope) {
    Pairs out;
    for (const auto& each : form)
        CHECK_OK(each.name.ends_with("[]") ? add_list(each, scope, out) : add_text(each, scope, Place::text, out));
    return out;
}

Result<std::string> address(const RequestTemplate& request, const std::string& base, const Scope& scope) {
    if (!request.url.empty()) return request.url.render_required(scope, Place::text);
    TRY(const auto path, request.path.render_required(scope, Place::path));
    return join_url(base, path);
}

}  // namespace

std::string RequestTemplate::verb() const {
    return !method.empty() ? method : has_body() ? "POST" : "GET";
}

bool RequestTemplate::uses(std::string_view root) const {
    return any_uses(let, root) || path.uses(root) || url.uses(root) || any_uses(query, root) ||
           any_uses(headers, root) || (body && body->uses(root)) || (form && any_uses(*form, root)) ||
           (graphql && graphql->variables && graphql->variables->uses(root)) || (text && text->content.uses(root));
}

void RequestTemplate::check(const Names& outer, spec::Problems& problems) const {
    auto names = outer;
    std::set<std::string, std::less<>> texts;
    for (const auto& [name, made] : let) {
        names.only("let", texts);
        made.check(names, problems);
        texts.insert(name);
    }
    if (!let.empty()) names.only("let", texts);
    path.check(names, problems);
    url.check(names, problems);
    connector::check(query, names, problems);
    connector::check(headers, names, problems);
    if (body) body->check(names, problems);
    if (form) connector::check(*form, names, problems);
    if (graphql && graphql->variables) graphql->variables->check(names, problems);
    if (text) text->content.check(names, problems);
}

Result<Pairs> fill(const Texts& texts, const Scope& scope, Place place) {
    Pairs out;
    for (const auto& each : texts) CHECK_OK(add_text(each, scope, place, out));
    return out;
}

Result<Draft> draft(const RequestTemplate& request, const std::string& base, const Scope& outer) {
    std::optional<Scope> inner;
    if (!request.let.empty()) {
        TRY(inner, with_texts(request.let, outer));
    }
    const Scope& scope = inner ? *inner : outer;
    Draft out;
    out.method = request.verb();
    TRY(out.url, address(request, base, scope));
    TRY(out.query, fill(request.query, scope, Place::text));
    TRY(out.headers, fill(request.headers, scope, Place::header));
    if (request.body) {
        auto body = request.body->render(scope);
        if (!body) return pass(std::move(body), "body");
        out.json = *std::move(body);
    } else if (request.graphql) {
        auto body = graphql_body(*request.graphql, scope);
        if (!body) return pass(std::move(body), "graphql");
        out.json = *std::move(body);
    } else if (request.form) {
        TRY(out.form, fill_form(*request.form, scope));
    } else if (request.text) {
        auto content = request.text->content.render_required(scope);
        if (!content) return pass(std::move(content), "text");
        out.text = *std::move(content);
        out.set_header("Content-Type", request.text->content_type);
        if (!net::find_header(out.headers, "Accept")) out.set_header("Accept", "*/*");
    }
    return out;
}

void Draft::set_query(std::string_view name, std::string value) {
    std::erase_if(query, [&](const auto& each) { return each.first == name; });
    query.emplace_back(name, std::move(value));
}

void Draft::set_header(std::string_view name, std::string value) {
    net::set_header(headers, name, std::move(value));
}

net::HttpRequest Draft::finish() const {
    net::HttpRequest out{.method = method, .url = url, .headers = headers};
    if (!query.empty()) out.url += (url.contains('?') ? "&" : "?") + encode_query(query);
    const auto need = [&](std::string_view name, std::string_view value) {
        if (!net::find_header(out.headers, name)) out.headers.emplace_back(name, value);
    };
    if (json) {
        out.body = value::to_json(json->root());
        need("Content-Type", "application/json");
    } else if (form) {
        out.body = encode_query(*form);
        need("Content-Type", "application/x-www-form-urlencoded");
    } else if (text) {
        out.body = *text;
    }
    need("Accept", "application/json");
    return out;
}

const spec::Type<Graphql>& describe(spec::Tag<Graphql>) {
    static const auto type =
        spec::Object<Graphql>("graphql", "a GraphQL operation")
            .field("query", &Graphql::query, {.summary = "the operation, taken as it is"})
            .field("variables", &Graphql::variables, {.summary = "its variables, with names in braces"})
            .type();
    return type;
}

const spec::Type<TextBody>& describe(spec::Tag<TextBody>) {
    static const auto type = spec::Object<TextBody>("text_body", "a body that is neither JSON nor a form")
                                 .field("content_type", &TextBody::content_type, {.summary = "such as text/xml"})
                                 .field("content", &TextBody::content, {.summary = "the body, with names in braces"})
                                 .type();
    return type;
}

const spec::Type<RequestTemplate>& describe(spec::Tag<RequestTemplate>) {
    static const auto method = spec::one_of("method", {{"GET"}, {"POST"}, {"PUT"}, {"PATCH"}, {"DELETE"}, {"HEAD"}});
    static const auto verb =
        spec::Type<std::string>(method.shape_pointer(), [](const spec::Yaml& yaml, spec::Problems& problems) {
            return method.parse(yaml, problems) ? std::optional(yaml.text()) : std::nullopt;
        });
    static const auto type =
        spec::Object<RequestTemplate>("request", "one HTTP request")
            .field("let", &RequestTemplate::let,
                   {.summary = "texts under names of their own, used as {let.NAME}", .required = false})
            .field("method", &RequestTemplate::method, verb,
                   {.summary = "POST with a body, else GET", .required = false})
            .field("path", &RequestTemplate::path, {.summary = "appended to base_url", .required = false})
            .field("url", &RequestTemplate::url, {.summary = "absolute URL instead of a path", .required = false})
            .field("query", &RequestTemplate::query, {.summary = "query parameters", .required = false})
            .field("headers", &RequestTemplate::headers, {.summary = "headers of this request", .required = false})
            .field("body", &RequestTemplate::body, {.summary = "JSON body; text leaves may hold names in braces"})
            .field(
                "form", &RequestTemplate::form,
                {.summary = "form fields instead of JSON; a field NAME[] takes a list and is repeated for each item"})
            .field("graphql", &RequestTemplate::graphql, {.summary = "a GraphQL operation instead of a JSON body"})
            .field("anonymous", &RequestTemplate::anonymous,
                   {.summary = "sent without credentials, and to public_hosts too (a link to a finished export)",
                    .required = false})
            .field("text", &RequestTemplate::text, {.summary = "a body of another kind, such as XML"})
            .field("answer", &RequestTemplate::answer, {.summary = "how its answer is read; default: the connector's"})
            .check([](const RequestTemplate& request, const spec::Yaml& yaml, spec::Problems& problems) {
                if (request.body.has_value() + request.form.has_value() + request.graphql.has_value() +
                        request.text.has_value() >
                    1)
                    problems.add(yaml.place(), "give one of body, form, graphql and text");
                if (!request.path.empty() && !request.url.empty())
                    problems.add(yaml.place(), "give either path or url");
            })
            .type();
    return type;
}

}  // namespace tributary::connector

#include "gateway/api/route.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/form.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/percent.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::api {
namespace {

bool is_name(std::string_view part) {
    return part.size() > 2 && part.starts_with('{') && part.ends_with('}');
}

std::string_view name_in(std::string_view part) {
    return part.substr(1, part.size() - 2);
}

std::unexpected<Error> undeclared(const Route& route, std::string what) {
    return fail(Fault::bad_config, std::move(what),
                "route " + std::string(route.method) + " " + std::string(route.path));
}

// Two templates that the same path could fit read alike here.
std::string shape_of(const Route& route) {
    std::string shape(route.method);
    for (const auto part : split(route.path, '/')) shape.append("/").append(is_name(part) ? "{}" : part);
    return shape;
}

// Names of the template; nullopt when the path does not fit.
std::optional<std::map<std::string, std::string, std::less<>>> fit(std::string_view pattern, std::string_view path) {
    const auto wanted = split(pattern, '/'), given = split(path, '/');
    if (wanted.size() != given.size()) return std::nullopt;
    std::map<std::string, std::string, std::less<>> names;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!is_name(wanted[i])) {
            if (wanted[i] != given[i]) return std::nullopt;
            continue;
        }
        auto decoded = value::percent_decode(given[i]);
        if (!decoded || decoded->empty() || !value::valid_utf8(*decoded)) return std::nullopt;
        names.emplace(name_in(wanted[i]), std::move(*decoded));
    }
    return names;
}

// Paths and queries hold text; an operation may want a number or a flag.
Result<void> put_text(value::Builder& out, const FieldInfo& field, std::string_view text) {
    const auto wrong = [&](std::string what) {
        return fail(Fault::bad_input, std::move(what), "argument " + std::string(field.name));
    };
    out.key(field.name);
    switch (field.kind) {
        case FieldKind::text:
        case FieldKind::anything:
            out.text(text);
            return {};
        case FieldKind::integer: {
            const auto number = to_integer(text);
            if (!number) return wrong("takes a whole number");
            out.integer(*number);
            return {};
        }
        case FieldKind::flag:
            if (text != "true" && text != "false") return wrong("takes true or false");
            out.boolean(text == "true");
            return {};
        case FieldKind::list: {
            out.begin_array();
            for (const auto one : split(text, ',')) out.text(one);
            out.end();
            return {};
        }
        case FieldKind::object:
            break;
    }
    return wrong("cannot stand in a path or query");
}

Result<value::Document> read_cursor(std::string_view operation, std::string_view cursor) {
    const auto wrong = [] { return fail(Fault::bad_input, "is no `next` of this list", "argument cursor"); };
    const auto text = from_base64(cursor);
    const auto prefix = std::string(operation) + "\n";
    if (!text || !text->starts_with(prefix)) return wrong();
    auto after = value::parse_json(text->substr(prefix.size()));
    if (!after || !after->root().is(value::Kind::array) || after->root().size() != 1) return wrong();
    return std::move(*after);
}

class Binding {
  public:
    explicit Binding(const OperationInfo& operation) : operation_(operation) { out_.begin_object(); }

    Result<void> text(std::string_view name, std::string_view text) {
        CHECK_OK(once(name));
        const bool pages = operation_.takes_field("after") != nullptr;
        if (pages && name == "cursor") {
            TRY(const auto after, read_cursor(operation_.name, text));
            out_.key("after").copy(after.root().at(0));
            return {};
        }
        const auto* field = pages && name == "after" ? nullptr : operation_.takes_field(name);
        if (!field) return unknown(name);
        if (name == "limit") {
            const auto limit = to_integer(text);
            if (!limit || *limit < 1 || *limit > kMostInPage)
                return fail(Fault::bad_input, "takes 1 to 500", "argument limit");
        }
        return put_text(out_, *field, text);
    }
    Result<void> member(value::Node node) {
        CHECK_OK(once(node.key()));
        if (!operation_.takes_field(node.key())) return unknown(node.key());
        out_.key(node.key()).copy(node);
        return {};
    }
    value::Document take() { return out_.end().take(); }

  private:
    Result<void> once(std::string_view name) {
        if (!said_.emplace(name).second)
            return fail(Fault::bad_input, "is said twice", "argument " + std::string(name));
        return {};
    }
    std::unexpected<Error> unknown(std::string_view name) const {
        std::vector<std::string> names;
        for (const auto& one : operation_.takes) names.emplace_back(one.name == "after" ? "cursor" : one.name);
        const auto near = nearest(name, names);
        return fail(Fault::bad_input, near ? "is unknown: did you mean " + *near + "?" : "is unknown",
                    "argument " + std::string(name));
    }
    const OperationInfo& operation_;
    value::Builder out_;
    std::set<std::string, std::less<>> said_;
};

}  // namespace

Result<void> check_routes(std::span<const Route> routes, std::span<const OperationInfo> operations) {
    std::set<std::string> shapes;
    for (const auto& route : routes) {
        if (route.guard == Guard::undeclared) return undeclared(route, "declares no permission");
        if (!shapes.insert(shape_of(route)).second) return undeclared(route, "is declared twice");
        if (route.guard != Guard::operation) continue;
        const auto operation = std::ranges::find(operations, route.operation, &OperationInfo::name);
        if (operation == operations.end())
            return undeclared(route, "leads to no known operation: " + std::string(route.operation));
        for (const auto part : split(route.path, '/'))
            if (is_name(part) && !operation->takes_field(name_in(part)))
                return undeclared(route, "names no argument of its operation: " + std::string(part));
    }
    std::set<std::string_view> names;
    for (const auto& operation : operations)
        if (!names.insert(operation.name).second)
            return fail(Fault::bad_config, "is declared twice", "operation " + std::string(operation.name));
    return {};
}

Result<Matched> match(std::span<const Route> routes, std::string_view method, std::string_view path) {
    std::string methods;
    // A path that is written out wins over a template.
    for (const bool exact : {true, false})
        for (const auto& route : routes) {
            if (route.path.contains('{') == exact) continue;
            auto names = fit(route.path, path);
            if (!names) continue;
            if (route.method == method) return Matched{&route, std::move(*names)};
            methods.append(methods.empty() ? "" : ", ").append(route.method);
        }
    if (!methods.empty()) return fail(Fault::bad_input, "this path takes " + methods, methods);
    return fail(Fault::not_found, "there is no such path: GET /v1/openapi.json lists them", "path");
}

Result<value::Document> bind_arguments(const OperationInfo& operation, const Matched& matched, std::string_view query,
                                       std::string_view body) {
    Binding binding(operation);
    for (const auto& [name, text] : matched.names) CHECK_OK(binding.text(name, text));
    const auto& method = matched.route->method;
    if (method == "GET" || method == "DELETE") {
        if (!body.empty()) return fail(Fault::bad_input, "GET and DELETE take no body", "body");
        TRY(const auto form, value::parse_form(query, 100));
        for (const auto one : form.root()) {
            if (!one.is(value::Kind::text))
                return fail(Fault::bad_input, "is said twice", "argument " + std::string(one.key()));
            CHECK_OK(binding.text(one.key(), one.text()));
        }
        return binding.take();
    }
    if (!query.empty()) return fail(Fault::bad_input, "arguments stand in the body", "query");
    auto document = value::parse_json(body.empty() ? "{}" : body);
    if (!document) return pass(std::move(document), "body");
    if (!document->root().is(value::Kind::object)) return fail(Fault::bad_input, "takes a JSON object", "body");
    for (const auto member : document->root()) CHECK_OK(binding.member(member));
    return binding.take();
}

std::string write_cursor(std::string_view operation, value::Node after) {
    value::Builder list;
    list.begin_array().copy(after).end();
    const auto document = list.take();
    return to_base64url(std::string(operation) + "\n" + value::to_json(document.root()));
}

value::Document with_cursor(std::string_view operation, value::Document answer) {
    if (!answer.root().find("next")) return answer;
    value::Builder out;
    out.begin_object();
    for (const auto member : answer.root()) {
        out.key(member.key());
        if (member.key() == "next")
            out.text(write_cursor(operation, member));
        else
            out.copy(member);
    }
    return out.end().take();
}

}  // namespace tributary::api

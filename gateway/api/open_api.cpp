#include "gateway/api/open_api.hpp"

#include <algorithm>
#include <map>

#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"

namespace tributary::api {
namespace {

bool in_path(const Route& route, std::string_view name) {
    return route.path.contains("{" + std::string(name) + "}");
}

bool reads_query(const Route& route) {
    return route.method == "GET" || route.method == "DELETE";
}

void write_object(value::Builder& out, const Fields& fields, const Route* without);

void write_text_form(value::Builder& out, const FieldInfo& field) {
    if (!field.choices.empty()) {
        out.key("enum").begin_array();
        for (const auto choice : field.choices) out.text(choice);
        if (field.may_be_empty) out.text("");
        out.end();
    } else if (!field.format.empty() && field.may_be_empty) {
        out.key("anyOf").begin_array().begin_object().key("format").text(field.format).end();
        out.begin_object().key("const").text("").end().end();
    } else if (!field.format.empty()) {
        out.key("format").text(field.format);
    }
}

void write_type(value::Builder& out, const FieldInfo& field) {
    if (field.kind == FieldKind::object) return write_object(out, field.inside, nullptr);
    out.begin_object();
    if (const auto type = name_of(field.kind); !type.empty()) out.key("type").text(type);
    if (field.kind == FieldKind::text) write_text_form(out, field);
    if (field.kind == FieldKind::list) {
        out.key("items");
        write_type(out, field.inside.front());
    }
    if (field.name == "limit") out.key("minimum").integer(1).key("maximum").integer(kMostInPage);
    out.end();
}

void write_parameter(value::Builder& out, const FieldInfo& field, std::string_view place) {
    out.begin_object().key("name").text(field.name).key("in").text(place);
    if (field.required || place == "path") out.key("required").boolean(true);
    out.key("schema");
    write_type(out, field);
    out.end();
}

void write_parameters(value::Builder& out, const Route& route, const OperationInfo& operation) {
    out.key("parameters").begin_array();
    for (const auto& field : operation.takes) {
        if (in_path(route, field.name))
            write_parameter(out, field, "path");
        else if (reads_query(route) && field.name == "after")
            write_parameter(out, field::text("cursor"), "query");
        else if (reads_query(route))
            write_parameter(out, field, "query");
    }
    if (!reads_query(route)) write_parameter(out, field::text("Idempotency-Key"), "header");
    if (operation.takes_field(kReadFor)) write_parameter(out, field::text("X-Purpose"), "header");
    out.end();
}

void write_object(value::Builder& out, const Fields& fields, const Route* without) {
    out.begin_object().key("type").text("object");
    if (fields.empty()) {  // it is free
        out.end();
        return;
    }
    out.key("properties").begin_object();
    for (const auto& field : fields) {
        if (without && in_path(*without, field.name)) continue;
        out.key(field.name);
        write_type(out, field);
    }
    out.end();
    const auto is_required = [&](const FieldInfo& field) {
        return field.required && !(without && in_path(*without, field.name));
    };
    if (std::ranges::any_of(fields, is_required)) {
        out.key("required").begin_array();
        for (const auto& field : fields)
            if (is_required(field)) out.text(field.name);
        out.end();
    }
    out.key("additionalProperties").boolean(false).end();
}

void write_json_content(value::Builder& out, const Fields& fields, const Route* without) {
    out.key("content").begin_object().key("application/json").begin_object().key("schema");
    write_object(out, fields, without);
    out.end().end();
}

void write_answers(value::Builder& out, const OperationInfo* operation, bool open) {
    out.key("responses").begin_object().key("200").begin_object().key("description").text("done");
    if (operation) write_json_content(out, operation->gives, nullptr);
    out.end();
    if (operation && operation->persons == Persons::two) {
        out.key("202").begin_object().key("description").text("waits for a second person");
        write_json_content(
            out, {field::text("approval").needed(), field::text("state").needed(), field::time("expires_at").needed()},
            nullptr);
        out.end();
    }
    if (!open) out.key("default").begin_object().key("$ref").text("#/components/responses/problem").end();
    out.end();
}

void write_route(value::Builder& out, const Route& route, const OperationInfo* operation) {
    const bool open = route.guard == Guard::open;
    out.begin_object().key("summary").text(route.about);
    if (operation) out.key("operationId").text(replace_all(operation->name, ".", "_"));
    if (operation) out.key("x-operation").text(operation->name);
    if (operation)
        out.key("x-permission").text(access::name_of(operation->permission));
    else if (route.guard == Guard::permission)
        out.key("x-permission").text(access::name_of(route.permission));
    else if (route.guard == Guard::metrics)
        out.key("x-permission").text(access::name_of(access::Permission::metrics_read));
    if (open || (operation && operation->permission == access::Permission::session_open))
        out.key("security").begin_array().end();
    if (operation) {
        write_parameters(out, route, *operation);
        const bool has_body = !reads_query(route) && std::ranges::any_of(operation->takes, [&](const auto& field) {
            return !in_path(route, field.name);
        });
        if (has_body) {
            out.key("requestBody").begin_object();
            write_json_content(out, operation->takes, &route);
            out.end();
        }
    } else if (route.guard == Guard::named) {
        out.key("parameters").begin_array();
        write_parameter(out, field::text("operation"), "path");
        out.end();
    }
    write_answers(out, operation, open);
    out.end();
}

void write_components(value::Builder& out) {
    out.key("components").begin_object().key("securitySchemes").begin_object().key("bearer").begin_object();
    out.key("type").text("http").key("scheme").text("bearer").end().end();
    out.key("responses")
        .begin_object()
        .key("problem")
        .begin_object()
        .key("description")
        .text("problem details (RFC 9457)");
    out.key("content").begin_object().key("application/problem+json").begin_object().key("schema");
    write_object(out,
                 {field::text("title").needed(), field::integer("status").needed(), field::text("detail").needed(),
                  field::text("where").needed(), field::text("request_id").needed()},
                 nullptr);
    out.end().end().end().end().end();
}

const OperationInfo* operation_of(const Route& route, std::span<const OperationInfo> operations) {
    if (route.guard != Guard::operation) return nullptr;
    const auto found = std::ranges::find(operations, route.operation, &OperationInfo::name);
    return found == operations.end() ? nullptr : &*found;
}

}  // namespace

std::string open_api(std::span<const Route> routes, std::span<const OperationInfo> operations) {
    std::map<std::string_view, std::vector<const Route*>> by_path;
    for (const auto& route : routes) by_path[route.path].push_back(&route);
    value::Builder out;
    out.begin_object().key("openapi").text("3.1.0").key("info").begin_object();
    out.key("title").text("Tributary admin API").key("version").text("1").end();
    out.key("security").begin_array().begin_object().key("bearer").begin_array().end().end().end();
    out.key("paths").begin_object();
    for (const auto& [path, served] : by_path) {
        out.key(path).begin_object();
        for (const auto* route : served) {
            out.key(lower_ascii(route->method));
            write_route(out, *route, operation_of(*route, operations));
        }
        out.end();
    }
    out.end();
    write_components(out);
    out.end();
    const auto document = out.take();
    return value::to_pretty_json(document.root()) + "\n";
}

std::string route_table(std::span<const Route> routes, std::span<const OperationInfo> operations) {
    std::string text = "| request | permission | what |\n|---|---|---|\n";
    for (const auto& route : routes) {
        const auto* operation = operation_of(route, operations);
        std::string permission = "by its operation";
        if (operation) permission = access::name_of(operation->permission);
        if (route.guard == Guard::open) permission = "none";
        if (route.guard == Guard::metrics) permission = "none, or metrics.read";
        if (route.guard == Guard::permission) permission = access::name_of(route.permission);
        text += "| `" + std::string(route.method) + " " + std::string(route.path) + "` | " + permission + " | " +
                std::string(route.about);
        if (operation && operation->persons == Persons::two)
            text += operation->two_if.empty() ? "; takes two persons"
                                              : "; with " + std::string(operation->two_if) + " it takes two persons";
        text += " |\n";
    }
    return text;
}

}  // namespace tributary::api

#include "gateway/api/operation_info.hpp"

#include <algorithm>

#include "gateway/base/text.hpp"

namespace tributary::api {
namespace {

bool fits(const FieldInfo& field, value::Node node) {
    switch (field.kind) {
        case FieldKind::text:
            return node.is(value::Kind::text);
        case FieldKind::integer:
            return node.is(value::Kind::integer);
        case FieldKind::flag:
            return node.is(value::Kind::boolean);
        case FieldKind::object:
            return node.is(value::Kind::object);
        case FieldKind::list:
            return node.is(value::Kind::array) &&
                   std::ranges::all_of(node, [&](value::Node element) { return fits(field.inside.front(), element); });
        case FieldKind::anything:
            return true;
    }
    return false;
}

std::string_view wanted(const FieldInfo& field) {
    switch (field.kind) {
        case FieldKind::text:
            return "takes text";
        case FieldKind::integer:
            return "takes a whole number";
        case FieldKind::flag:
            return "takes true or false";
        case FieldKind::object:
            return "takes an object";
        case FieldKind::list:
            return field.inside.front().kind == FieldKind::text ? "takes a list of texts" : "takes a list of objects";
        case FieldKind::anything:
            return "";
    }
    return "";
}

std::unexpected<Error> wrong_argument(std::string_view name, std::string what) {
    return fail(Fault::bad_input, std::move(what), "argument " + std::string(name));
}

}  // namespace

std::string_view name_of(FieldKind kind) {
    switch (kind) {
        case FieldKind::text:
            return "string";
        case FieldKind::integer:
            return "integer";
        case FieldKind::flag:
            return "boolean";
        case FieldKind::object:
            return "object";
        case FieldKind::list:
            return "array";
        case FieldKind::anything:
            return "";
    }
    return "";
}

const FieldInfo* OperationInfo::takes_field(std::string_view field) const {
    const auto found = std::ranges::find(takes, field, &FieldInfo::name);
    return found == takes.end() ? nullptr : &*found;
}

Result<void> check_arguments(const Fields& takes, value::Node arguments) {
    if (!arguments.is(value::Kind::object)) return fail(Fault::bad_input, "arguments are a JSON object", "body");
    for (const auto argument : arguments) {
        const auto known = std::ranges::find(takes, argument.key(), &FieldInfo::name);
        if (known == takes.end()) {
            std::vector<std::string> names;
            for (const auto& one : takes) names.emplace_back(one.name);
            const auto near = nearest(argument.key(), names);
            if (near) return wrong_argument(argument.key(), "is unknown: did you mean " + *near + "?");
            return wrong_argument(argument.key(), names.empty() ? "is unknown: it takes none"
                                                                : "is unknown; known: " + join(names, ", "));
        }
        if (argument && !fits(*known, argument)) return wrong_argument(argument.key(), std::string(wanted(*known)));
        if (argument.key() == "limit" && argument && argument.integer() < 1)
            return wrong_argument(argument.key(), "takes a number from 1 on");
    }
    for (const auto& one : takes)
        if (one.required && !arguments.find(one.name)) return wrong_argument(one.name, "is needed");
    return {};
}

}  // namespace tributary::api

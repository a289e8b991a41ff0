// OperationInfo: what an operation takes and gives, and who may ask for it. From it come the check of arguments, the
// binding of requests, and OpenAPI.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/access/permission.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::api {

enum class FieldKind : std::uint8_t { text, integer, flag, object, list, anything };
// As JSON Schema names it; "" for anything.
std::string_view name_of(FieldKind kind);

struct FieldInfo {
    std::string_view name;
    FieldKind kind = FieldKind::text;
    bool required = false;
    std::string_view format = {};                // of a text, as JSON Schema names it
    std::vector<std::string_view> choices = {};  // of a text: all that it can be
    bool may_be_empty = false;                   // of such a text: "" stands for none
    // Of an object its fields, none: they vary. Of a list one without a name: what each element is.
    std::vector<FieldInfo> inside = {};

    FieldInfo needed() const {
        auto field = *this;
        field.required = true;
        return field;
    }
    FieldInfo or_empty() const {
        auto field = *this;
        field.may_be_empty = true;
        return field;
    }
};

using Fields = std::vector<FieldInfo>;

// Of an enumeration whose values are counted from 0 up to `last`.
template <class E>
std::vector<std::string_view> names_to(E last) {
    std::vector<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(last); ++i) names.push_back(name_of(static_cast<E>(i)));
    return names;
}

namespace field {
inline FieldInfo text(std::string_view name) {
    return {name, FieldKind::text};
}
// RFC 3339.
inline FieldInfo time(std::string_view name) {
    return {.name = name, .format = "date-time"};
}
inline FieldInfo uid(std::string_view name) {
    return {.name = name, .format = "uuid"};
}
inline FieldInfo one_of(std::string_view name, std::vector<std::string_view> choices) {
    return {.name = name, .choices = std::move(choices)};
}
inline FieldInfo integer(std::string_view name) {
    return {name, FieldKind::integer};
}
inline FieldInfo flag(std::string_view name) {
    return {name, FieldKind::flag};
}
inline FieldInfo object(std::string_view name, Fields fields = {}) {
    return {.name = name, .kind = FieldKind::object, .inside = std::move(fields)};
}
inline FieldInfo list_of(std::string_view name, FieldInfo element) {
    return {.name = name, .kind = FieldKind::list, .inside = {std::move(element)}};
}
// Of objects.
inline FieldInfo list(std::string_view name, Fields fields) {
    return list_of(name, object("", std::move(fields)));
}
inline FieldInfo texts(std::string_view name) {
    return list_of(name, text(""));
}
inline FieldInfo anything(std::string_view name) {
    return {name, FieldKind::anything};
}
}  // namespace field

// The argument that says what personal values are read for; the header X-Purpose stands for it.
constexpr std::string_view kReadFor = "read_for";

// two: one asks, another confirms, only then it runs (access/approval.hpp).
enum class Persons : std::uint8_t { one, two };

struct OperationInfo {
    std::string_view name;
    access::Permission permission;
    Fields takes, gives;
    Persons persons = Persons::one;
    std::string_view two_if = {};  // the flag without which one is enough; empty: always two

    const FieldInfo* takes_field(std::string_view field) const;
};

// bad_input names the argument that is unknown, missing or of the wrong kind. null counts as left out.
Result<void> check_arguments(const Fields& takes, value::Node arguments);

}  // namespace tributary::api

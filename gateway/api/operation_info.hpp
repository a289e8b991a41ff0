// OperationInfo: what an operation takes and gives, and who may ask for it. From it come the check of arguments, the
// binding of requests, and OpenAPI.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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

    constexpr FieldInfo needed() const { return {name, kind, true}; }
};

namespace field {
constexpr FieldInfo text(std::string_view name) {
    return {name, FieldKind::text};
}
constexpr FieldInfo integer(std::string_view name) {
    return {name, FieldKind::integer};
}
constexpr FieldInfo flag(std::string_view name) {
    return {name, FieldKind::flag};
}
constexpr FieldInfo object(std::string_view name) {
    return {name, FieldKind::object};
}
constexpr FieldInfo list(std::string_view name) {
    return {name, FieldKind::list};
}
constexpr FieldInfo anything(std::string_view name) {
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
    std::vector<FieldInfo> takes, gives;
    Persons persons = Persons::one;
    std::string_view two_if = {};  // the flag without which one is enough; empty: always two

    const FieldInfo* takes_field(std::string_view field) const;
};

// bad_input names the argument that is unknown, missing or of the wrong kind. null counts as left out.
Result<void> check_arguments(const std::vector<FieldInfo>& takes, value::Node arguments);

}  // namespace tributary::api

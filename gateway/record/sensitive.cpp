#include "gateway/record/sensitive.hpp"

#include <algorithm>

#include "gateway/record/sight.hpp"

namespace tributary::record {
namespace {

using value::Kind;
using value::Node;

// Whether the field is sensitive as a whole. An object of several classes carries the highest of them.
bool whole(const Field& field) {
    if (field.data_class != DataClass::p3_sensitive) return false;
    return std::ranges::all_of(field.fields, whole);
}

bool is_container(Node node) {
    return node.is(Kind::object) || node.is(Kind::array);
}

bool holds(const FieldSet& fields, Node node);

bool holds(const Field& field, Node node) {
    if (node.is(Kind::missing) || node.is(Kind::null)) return false;
    if (whole(field)) return true;
    if (!field.has_members() || !is_container(node)) return false;
    if (node.is(Kind::object)) return holds(field.fields, node);
    for (auto item : node)
        if (holds(field, item)) return true;
    return false;
}

bool holds(const FieldSet& fields, Node node) {
    if (!node.is(Kind::object)) return false;
    for (auto member : node)
        if (const auto* field = fields.find(member.key()); field && holds(*field, member)) return true;
    return false;
}

}  // namespace

bool holds_sensitive(const Entity& entity, Node record) {
    return holds(entity.fields, record);
}

value::Document without_sensitive(const Entity& entity, Node record) {
    static constexpr Sights kAllButSensitive{{Sight::shown, Sight::shown, Sight::shown, Sight::hidden}};
    return seen(entity, record, kAllButSensitive);
}

}  // namespace tributary::record

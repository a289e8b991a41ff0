#include "gateway/record/sensitive.hpp"

#include <algorithm>

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

// Whether anything is left of a value.
bool leaves(const Field& field, Node node);

bool leaves(const FieldSet& fields, Node object) {
    for (auto member : object) {
        const auto* field = fields.find(member.key());
        if (!field || leaves(*field, member)) return true;
    }
    return false;
}

bool leaves(const Field& field, Node node) {
    if (whole(field)) return false;
    if (!holds(field, node)) return true;
    if (node.is(Kind::object)) return leaves(field.fields, node);
    for (auto item : node)
        if (leaves(field, item)) return true;
    return false;
}

void copy_members(const FieldSet& fields, Node object, value::Builder& out);

void copy(const Field& field, Node node, value::Builder& out) {
    if (!holds(field, node)) {
        out.copy(node);
    } else if (node.is(Kind::object)) {
        out.begin_object();
        copy_members(field.fields, node, out);
        out.end();
    } else {
        out.begin_array();
        for (auto item : node)
            if (leaves(field, item)) copy(field, item, out);
        out.end();
    }
}

void copy_members(const FieldSet& fields, Node object, value::Builder& out) {
    for (auto member : object) {
        const auto* field = fields.find(member.key());
        if (field && !leaves(*field, member)) continue;
        out.key(member.key());
        if (field)
            copy(*field, member, out);
        else
            out.copy(member);
    }
}

}  // namespace

bool holds_sensitive(const Entity& entity, Node record) {
    return holds(entity.fields, record);
}

value::Document without_sensitive(const Entity& entity, Node record) {
    value::Builder out;
    out.begin_object();
    copy_members(entity.fields, record, out);
    out.end();
    return out.take();
}

}  // namespace tributary::record

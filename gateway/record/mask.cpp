#include "gateway/record/mask.hpp"

namespace tributary::record {
namespace {

void mask_scalars(value::Node node, value::Builder& out) {
    if (node.is(value::Kind::object)) {
        out.begin_object();
        for (const auto member : node) {
            out.key(member.key());
            mask_scalars(member, out);
        }
        out.end();
    } else if (node.is(value::Kind::array)) {
        out.begin_array();
        for (const auto item : node) mask_scalars(item, out);
        out.end();
    } else if (node) {
        out.text(kMasked);
    } else {
        out.null();
    }
}

void mask_mixed(const FieldSet& fields, value::Node node, value::Builder& out) {
    if (node.is(value::Kind::array)) {
        out.begin_array();
        for (const auto item : node) mask_mixed(fields, item, out);
        out.end();
        return;
    }
    if (!node.is(value::Kind::object)) return mask_scalars(node, out);
    out.begin_object();
    for (const auto member : node) {
        const auto* field = fields.find(member.key());
        out.key(member.key());
        if (field && field->spread == Spread::clear)
            out.copy(member);
        else if (field && field->spread == Spread::mixed)
            mask_mixed(field->fields, member, out);
        else
            mask_scalars(member, out);
    }
    out.end();
}

}  // namespace

value::Document mask_personal(const Entity& entity, value::Node record) {
    value::Builder out;
    mask_mixed(entity.fields, record, out);
    return out.take();
}

value::Document mask_all(value::Node node) {
    value::Builder out;
    mask_scalars(node, out);
    return out.take();
}

}  // namespace tributary::record

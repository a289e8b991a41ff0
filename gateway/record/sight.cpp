#include "gateway/record/sight.hpp"

#include <algorithm>

namespace tributary::record {
namespace {

using value::Kind;
using value::Node;

constexpr DataClass kUnknown = DataClass::p2_personal;

void mask_scalars(Node node, value::Builder& out) {
    if (node.is(Kind::object)) {
        out.begin_object();
        for (const auto member : node) {
            out.key(member.key());
            mask_scalars(member, out);
        }
        out.end();
    } else if (node.is(Kind::array)) {
        out.begin_array();
        for (const auto item : node) mask_scalars(item, out);
        out.end();
    } else if (node) {
        out.text(kMasked);
    } else {
        out.null();
    }
}

class Seen {
  public:
    Seen(const Sights& sights, value::Builder& out) : sights_(sights), out_(out) {}

    void members(const FieldSet& fields, Node object) {
        out_.begin_object();
        for (const auto member : object) {
            const auto* field = fields.find(member.key());
            if (!is_left(field, member)) continue;
            out_.key(member.key());
            value(field, member);
        }
        out_.end();
    }

  private:
    // The same for all that is below it. An object of several classes carries the highest of them.
    static bool uniform(const Field& field, DataClass data_class) {
        return field.data_class == data_class &&
               std::ranges::all_of(field.fields, [&](const Field& below) { return uniform(below, data_class); });
    }

    static bool goes_deeper(const Field* field, Node node) {
        return field && field->has_members() && (node.is(Kind::object) || node.is(Kind::array)) &&
               !uniform(*field, field->data_class);
    }

    bool is_left(const Field* field, Node node) const {
        if (!goes_deeper(field, node)) return sights_.of(field ? field->data_class : kUnknown) != Sight::hidden;
        if (node.size() == 0) return true;
        for (const auto below : node)
            if (is_left(node.is(Kind::object) ? field->fields.find(below.key()) : field, below)) return true;
        return false;
    }

    void value(const Field* field, Node node) {
        if (goes_deeper(field, node)) {
            if (node.is(Kind::object)) return members(field->fields, node);
            out_.begin_array();
            for (const auto item : node)
                if (is_left(field, item)) value(field, item);
            out_.end();
        } else if (sights_.of(field ? field->data_class : kUnknown) == Sight::shown) {
            out_.copy(node);
        } else {
            mask_scalars(node, out_);
        }
    }

    const Sights& sights_;
    value::Builder& out_;
};

}  // namespace

std::string_view name_of(Sight sight) {
    constexpr std::array<std::string_view, 3> kNames{"hidden", "masked", "shown"};
    return kNames[static_cast<std::size_t>(sight)];
}

value::Document seen(const Entity& entity, Node record, const Sights& sights) {
    value::Builder out;
    Seen(sights, out).members(entity.fields, record);
    return out.take();
}

value::Document mask_all(Node node) {
    value::Builder out;
    mask_scalars(node, out);
    return out.take();
}

}  // namespace tributary::record

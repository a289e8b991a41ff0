#include "gateway/spec/shape.hpp"

#include <set>

#include "gateway/base/text.hpp"

namespace tributary::spec {
namespace {

bool is_named(const Shape& shape) {
    return shape.kind == Shape::Kind::object || shape.kind == Shape::Kind::alternatives;
}

struct Below {
    std::vector<NamedShape> all;               // each shape once, nearest first
    std::vector<const Shape*> referred_forms;  // types with a short form that are described by themselves
};

Below everything_below(const Shape& root) {
    const auto& top = root.resolved();
    Below below{.all = {{&top, top.name, {}}}, .referred_forms = {}};
    std::set<std::pair<const Shape*, std::string>> seen{{&top, top.name}};
    auto visit = [&](const ShapePointer& next, std::string name, std::string tag_value) {
        const auto& shape = next->resolved();
        if (!seen.emplace(&shape, name).second) return;
        below.all.push_back({&shape, std::move(name), std::move(tag_value)});
        if (next->kind == Shape::Kind::reference && shape.kind == Shape::Kind::either)
            below.referred_forms.push_back(&shape);
    };
    for (std::size_t i = 0; i < below.all.size(); ++i) {
        const auto& shape = *below.all[i].shape;
        for (const auto& field : shape.fields) visit(field.shape, field.shape->resolved().name, "");
        for (std::size_t part = 0; part < shape.parts.size(); ++part) {
            bool tagged = shape.kind == Shape::Kind::alternatives;
            auto tag_value = tagged ? shape.choices[part].name : "";
            visit(shape.parts[part], tagged ? shape.name + "." + tag_value : shape.parts[part]->resolved().name,
                  tag_value);
        }
    }
    return below;
}

}  // namespace

std::string label_of(const Shape& shape) {
    switch (shape.kind) {
        case Shape::Kind::list:
            return "list of " + label_of(*shape.parts.front());
        case Shape::Kind::map:
            return "map of " + label_of(*shape.parts.front());
        case Shape::Kind::either:
            return label_of(*shape.parts.front()) + " or " + label_of(*shape.parts.back());
        case Shape::Kind::reference: {
            // A type with a short form may contain itself in that form: its name ends the recursion.
            const auto& target = shape.resolved();
            return target.kind == Shape::Kind::either && !target.name.empty() ? target.name : label_of(target);
        }
        case Shape::Kind::choice: {
            std::vector<std::string> names;
            for (const auto& choice : shape.choices) names.push_back(choice.name);
            return "one of " + join(names, ", ");
        }
        default:
            return shape.name;
    }
}

std::vector<NamedShape> named_shapes(const Shape& root) {
    auto all = everything_below(root).all;
    std::erase_if(all, [](const NamedShape& named) { return !is_named(*named.shape); });
    return all;
}

std::vector<const Shape*> short_forms(const Shape& root) {
    return everything_below(root).referred_forms;
}

}  // namespace tributary::spec

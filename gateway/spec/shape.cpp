#include "gateway/spec/shape.hpp"

#include <set>

#include "gateway/base/text.hpp"

namespace tributary::spec {
namespace {

bool is_named(const Shape& shape) {
    return shape.kind == Shape::Kind::object || shape.kind == Shape::Kind::alternatives;
}

// Everything below `root`, each shape once, nearest first.
std::vector<NamedShape> all_shapes(const Shape& root) {
    std::vector<NamedShape> queue{{&root.resolved(), {}}};
    std::set<const Shape*> seen{&root.resolved()};
    auto visit = [&](const ShapePointer& next, std::string tag_value) {
        const auto& shape = next->resolved();
        if (seen.insert(&shape).second) queue.push_back({&shape, std::move(tag_value)});
    };
    for (std::size_t i = 0; i < queue.size(); ++i) {
        const auto& shape = *queue[i].shape;
        for (const auto& field : shape.fields) visit(field.shape, "");
        for (std::size_t part = 0; part < shape.parts.size(); ++part)
            visit(shape.parts[part], shape.kind == Shape::Kind::alternatives ? shape.choices[part].name : "");
    }
    return queue;
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
    auto all = all_shapes(root);
    std::erase_if(all, [](const NamedShape& named) { return !is_named(*named.shape); });
    return all;
}

std::vector<const Shape*> short_forms(const Shape& root) {
    std::vector<const Shape*> found;
    for (const auto& named : all_shapes(root))
        if (named.shape->kind == Shape::Kind::either && !named.shape->name.empty()) found.push_back(named.shape);
    return found;
}

}  // namespace tributary::spec

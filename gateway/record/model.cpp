#include "gateway/record/model.hpp"

#include <algorithm>

namespace tributary::record {

const Field* Entity::link(std::string_view target) const {
    const Field* field = fields.find(target);
    if (!field) field = fields.find(std::string(target) + "_ref");
    return field && field->type == Type::reference ? field : nullptr;
}

Model::Model(std::vector<Entity> entities) : entities_(std::move(entities)) {
    std::ranges::sort(entities_, {}, &Entity::name);
}

const Entity* Model::entity(std::string_view name) const {
    auto found = std::ranges::lower_bound(entities_, name, {}, &Entity::name);
    return found != entities_.end() && found->name == name ? &*found : nullptr;
}

std::vector<std::string> Model::entity_names() const {
    std::vector<std::string> names;
    for (const auto& entity : entities_) names.push_back(entity.name);
    return names;
}

}  // namespace tributary::record

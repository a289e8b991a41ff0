#include "gateway/mapping/reads.hpp"

#include <algorithm>

namespace tributary::mapping {

Slot Reads::add(const std::vector<Path::Step>& steps, Slot& next) {
    std::size_t level = 0;
    Slot* slot = &levels_[0].self;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        auto& here = levels_[level];
        const auto find_or_add = [](auto& names, auto& targets, const auto& name) -> Target& {
            const auto at = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
            if (at == names.size()) {
                names.push_back(name);
                targets.emplace_back();
            }
            return targets[at];
        };
        auto& target = steps[i].by_index ? find_or_add(here.indexes, here.elements, steps[i].index)
                                         : find_or_add(here.names, here.members, steps[i].key);
        slot = &target.slot;
        if (i + 1 == steps.size()) break;
        if (target.level < 0) {
            target.level = static_cast<int>(levels_.size());
            level = levels_.size();
            levels_.emplace_back();  // `here` and `target` end here
        } else {
            level = static_cast<std::size_t>(target.level);
        }
    }
    if (*slot == kNoSlot) {
        *slot = next++;
        slots_.push_back(*slot);
    }
    return *slot;
}

void Reads::freeze() {
    for (auto& level : levels_) level.keys = KeyTable(std::move(level.names));
}

void Reads::read(const Level& level, value::Node from, value::Node* slots) const {
    if (level.self != kNoSlot) slots[level.self] = from;
    if (from.is(value::Kind::object)) {
        auto wanted = level.keys.size();
        if (wanted == 0) return;
        for (auto member = from.begin(), end = from.end(); member != end; ++member) {
            const auto node = *member;
            const auto position = level.keys.find(node.key());
            if (position < 0) continue;
            take(level.members[static_cast<std::size_t>(position)], node, slots);
            if (--wanted == 0) return;  // no key comes twice
        }
    } else if (from.is(value::Kind::array) && !level.indexes.empty()) {
        read_elements(level, from, slots);
    }
}

void Reads::read_elements(const Level& level, value::Node from, value::Node* slots) const {
    const auto last = *std::ranges::max_element(level.indexes);
    std::size_t index = 0;
    for (const auto node : from) {
        for (std::size_t i = 0; i < level.indexes.size(); ++i)
            if (level.indexes[i] == index) take(level.elements[i], node, slots);
        if (index++ == last) return;
    }
}

}  // namespace tributary::mapping

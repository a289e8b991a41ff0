#include "gateway/consent/k_anonymity.hpp"

#include <algorithm>

namespace tributary::consent {

Result<void> KAnonymity::add(const Group& group, const Uid& person) {
    auto found = people_.find(group);
    if (found == people_.end()) {
        if (people_.size() == kMostGroups)
            return fail(Fault::bad_input, "more than 1,000,000 groups: make the quasi-identifiers coarser");
        found = people_.try_emplace(group).first;
    }
    auto& people = found->second;
    if (people.size() < k_ && std::ranges::find(people, person) == people.end()) people.push_back(person);
    return {};
}

bool KAnonymity::holds(const Group& group) const {
    const auto found = people_.find(group);
    return found != people_.end() && found->second.size() >= k_;
}

std::size_t KAnonymity::small_groups() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(people_, [this](const auto& group) { return group.second.size() < k_; }));
}

}  // namespace tributary::consent

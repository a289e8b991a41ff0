#include "gateway/consent/purpose.hpp"

#include <algorithm>

#include "gateway/spec/load.hpp"

namespace tributary::consent {

Basis Purpose::basis(std::string_view jurisdiction) const {
    auto found = basis_in.find(std::string(jurisdiction));
    if (found == basis_in.end()) found = basis_in.find(std::string(jurisdiction.substr(0, 2)));
    return found == basis_in.end() ? lawful_basis : found->second;
}

bool Purpose::takes(Channel channel) const {
    return channel == Channel::any || channels.empty() || std::ranges::find(channels, channel) != channels.end() ||
           std::ranges::find(channels, Channel::any) != channels.end();
}

bool is_same_or_ancestor(std::string_view ancestor, std::string_view key) {
    return key == ancestor ||
           (key.size() > ancestor.size() && key.starts_with(ancestor) && key[ancestor.size()] == '.');
}

const Purpose* PurposeRegistry::find(std::string_view key) const {
    auto found = std::ranges::find(purposes_, key, &Purpose::key);
    return found == purposes_.end() ? nullptr : &*found;
}

std::vector<std::string> PurposeRegistry::keys() const {
    std::vector<std::string> all;
    for (const auto& purpose : purposes_) all.push_back(purpose.key);
    return all;
}

bool PurposeRegistry::covers(std::string_view key) const {
    return std::ranges::any_of(purposes_,
                               [key](const Purpose& purpose) { return is_same_or_ancestor(key, purpose.key); });
}

std::optional<PurposeRegistry> PurposeRegistry::load(const std::string& file, spec::Problems& problems) {
    return spec::load<PurposeRegistry>(file, problems);
}

}  // namespace tributary::consent

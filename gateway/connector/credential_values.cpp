#include "gateway/connector/credential_values.hpp"

#include "gateway/base/text.hpp"

namespace tributary::connector {

std::vector<std::string> values_of_credential(std::string_view text) {
    if (text.contains("-----BEGIN")) return {std::string(text)};
    std::vector<std::string> found;
    for (auto line : split(text, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) found.emplace_back(line);
    }
    return found;
}

std::string with_newest(std::string_view newest, std::string_view before) {
    auto all = values_of_credential(before);
    std::erase(all, newest);
    all.emplace(all.begin(), newest);
    if (all.size() > kMostCredentialValues) all.resize(kMostCredentialValues);
    return join(all, "\n");
}

}  // namespace tributary::connector

#include "gateway/connector/credential_values.hpp"

#include <algorithm>

#include "gateway/base/text.hpp"

namespace tributary::connector {

namespace {

bool is_pem(std::string_view text) {
    return text.contains("-----BEGIN");
}

// Takes the next line off the front.
std::string_view next_line(std::string_view& text) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

std::vector<std::string> values_of_credential(std::string_view text) {
    if (is_pem(text)) return {std::string(text)};
    std::vector<std::string> found;
    while (!text.empty())
        if (const auto line = next_line(text); !line.empty()) found.emplace_back(line);
    return found;
}

std::string_view newest_value(std::string_view text) {
    if (is_pem(text)) return text;
    std::string_view line;
    while (line.empty() && !text.empty()) line = next_line(text);
    return line;
}

std::string with_newest(std::string_view newest, std::string_view before) {
    auto all = values_of_credential(before);
    std::erase(all, newest);
    all.emplace(all.begin(), newest);
    if (all.size() > kMostCredentialValues) all.resize(kMostCredentialValues);
    return join(all, "\n");
}

}  // namespace tributary::connector

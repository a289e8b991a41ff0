#include "gateway/connector/declarative/link_header.hpp"

#include "gateway/base/text.hpp"

namespace tributary::connector {
namespace {

// Takes `; name=value` pairs off the front; true when one of them is the relation.
bool take_parameters(std::string_view& text, std::string_view relation) {
    bool found = false;
    while ((text = trim(text)).starts_with(';')) {
        text = trim(text.substr(1));
        const auto end = text.find_first_of("=;,");
        const auto name = trim(text.substr(0, end));
        if (end == std::string_view::npos || text[end] != '=') {
            text.remove_prefix(std::min(end, text.size()));
            continue;
        }
        text = trim(text.substr(end + 1));
        std::string_view value;
        if (text.starts_with('"')) {
            const auto close = text.find('"', 1);
            value = text.substr(1, close == std::string_view::npos ? close : close - 1);
            text.remove_prefix(close == std::string_view::npos ? text.size() : close + 1);
        } else {
            const auto stop = std::min(text.find_first_of(";,"), text.size());
            value = trim(text.substr(0, stop));
            text.remove_prefix(stop);
        }
        if (!equal_ignoring_case(name, "rel")) continue;
        for (const auto each : split(value, ' ')) found = found || equal_ignoring_case(each, relation);
    }
    return found;
}

}  // namespace

std::optional<std::string> link_with(std::string_view header, std::string_view relation) {
    while (true) {
        const auto open = header.find('<');
        if (open == std::string_view::npos) return std::nullopt;
        const auto close = header.find('>', open);
        if (close == std::string_view::npos) return std::nullopt;
        const auto target = header.substr(open + 1, close - open - 1);
        header.remove_prefix(close + 1);
        if (take_parameters(header, relation)) return std::string(target);
    }
}

}  // namespace tributary::connector

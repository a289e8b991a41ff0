#include "gateway/value/element_path.hpp"

#include <algorithm>
#include <optional>

#include "gateway/base/text.hpp"

namespace tributary::value {
namespace {

std::unexpected<Error> no_path() {
    return fail(Fault::bad_input, "is no path such as name.family or emails[address=old@example.com]");
}

// What stands between two brackets; `text` goes on behind them. REQUIRES: it begins with a bracket.
std::optional<std::string> cut_brackets(std::string_view& text) {
    std::string inside;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] != ']') {
            inside += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == ']') {
            inside += text[i++];
        } else {
            text.remove_prefix(i + 1);
            return inside;
        }
    }
    return std::nullopt;
}

bool is_scalar(Node node) {
    return node && !node.is(Kind::array) && !node.is(Kind::object);
}

bool is_text(Node node, const std::string& wanted) {
    return is_scalar(node) && node.scalar_text() == wanted;
}

}  // namespace

Result<ElementPath> parse_element_path(std::string_view text) {
    ElementPath path;
    while (!text.empty()) {
        if (!text.starts_with('[')) {
            if (!path.empty() && !text.starts_with('.')) return no_path();
            if (!path.empty()) text.remove_prefix(1);
            const auto name = text.substr(0, text.find_first_of(".["));
            if (name.empty()) return no_path();
            path.push_back({.name = std::string(name)});
            text.remove_prefix(name.size());
            continue;
        }
        const auto inside = cut_brackets(text);
        if (!inside || path.empty()) return no_path();
        if (inside->empty()) {
            path.push_back({.kind = PathStep::Kind::append});
        } else if (const auto equals = inside->find('='); equals != std::string::npos) {
            if (path.back().kind != PathStep::Kind::where) path.push_back({.kind = PathStep::Kind::where});
            path.back().conditions.push_back({inside->substr(0, equals), inside->substr(equals + 1)});
        } else {
            const auto index = to_integer(*inside);
            if (!index || *index < 0) return no_path();
            path.push_back({.kind = PathStep::Kind::index, .index = static_cast<std::size_t>(*index)});
        }
    }
    if (path.empty()) return no_path();
    return path;
}

std::string text_of(const ElementPath& path) {
    std::string text;
    for (const auto& step : path) {
        switch (step.kind) {
            case PathStep::Kind::member:
                text.append(text.empty() ? "" : ".").append(step.name);
                break;
            case PathStep::Kind::index:
                text.append("[").append(std::to_string(step.index)).append("]");
                break;
            case PathStep::Kind::append:
                text.append("[]");
                break;
            case PathStep::Kind::where:
                for (const auto& one : step.conditions)
                    text.append("[").append(one.member).append("=").append(replace_all(one.is, "]", "]]")).append("]");
                break;
        }
    }
    return text;
}

std::string shape_of(const ElementPath& path) {
    std::string text;
    for (const auto& step : path)
        if (step.kind == PathStep::Kind::member)
            text.append(text.empty() ? "" : ".").append(step.name);
        else
            text.append("[]");
    return text;
}

std::string names_of(std::span<const PathStep> path) {
    std::string text;
    for (const auto& step : path)
        if (step.kind == PathStep::Kind::member) text.append(text.empty() ? "" : ".").append(step.name);
    return text;
}

bool fits(Node element, const std::vector<Condition>& conditions) {
    return std::ranges::all_of(conditions, [&](const Condition& one) {
        const auto found = one.member.empty() ? element : element.find(one.member);
        if (!found.is(Kind::array)) return is_text(found, one.is);
        return std::ranges::any_of(found, [&](Node inner) { return is_text(inner, one.is); });
    });
}

}  // namespace tributary::value

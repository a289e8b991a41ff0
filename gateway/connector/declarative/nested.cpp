#include "gateway/connector/declarative/nested.hpp"

#include <algorithm>
#include <iterator>

#include "gateway/connector/declarative/answer.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {
namespace {

constexpr std::string_view kOuter = "_outer";
// What stands around is copied into every element: long lists and great objects would multiply.
constexpr std::size_t kLongestList = 10;
constexpr std::size_t kMostBytes = 16 * 1024;

// What is around an element: the members of `inner`, of what was around that before, and of `outer`; the first wins.
value::Document around(value::Node outer, value::Node inner, std::string_view path) {
    const auto on_path = path.substr(0, path.find_first_of(".["));
    const value::Node layers[] = {inner, inner.find(kOuter), outer};
    value::Builder out;
    out.begin_object();
    for (std::size_t i = 0; i < std::size(layers); ++i) {
        const auto hidden = [&](std::string_view key) {
            return std::any_of(layers, layers + i,
                               [&](value::Node before) { return !before.find(key).is(value::Kind::missing); });
        };
        for (const auto member : layers[i]) {
            const bool is_long = member.is(value::Kind::array) && member.size() > kLongestList;
            if (is_long || member.key() == kOuter || member.key() == on_path || hidden(member.key())) continue;
            out.key(member.key()).copy(member);
        }
    }
    auto all = out.end().take();
    if (value::to_json(all.root()).size() <= kMostBytes) return all;
    value::Builder none;
    return none.begin_object().end().take();
}

value::Document copied(value::Node node) {
    value::Builder out;
    out.copy(node);
    return out.take();
}

value::Document with_outer(value::Node element, value::Node outer) {
    value::Builder out;
    if (!element.is(value::Kind::object)) {
        out.copy(element);
        return out.take();
    }
    out.begin_object();
    for (const auto member : element)
        if (member.key() != kOuter) out.key(member.key()).copy(member);
    out.key(kOuter).copy(outer).end();
    return out.take();
}

void collect(value::Node node, std::string_view path, value::Node outer, std::vector<value::Document>& out) {
    const auto mark = path.find("[]");
    if (mark == std::string_view::npos) {
        const auto found = find_in(node, path);
        if (found) out.push_back(with_outer(found, outer));
        return;
    }
    auto rest = path.substr(mark + 2);
    if (rest.starts_with('.')) rest.remove_prefix(1);
    auto before = path.substr(0, mark);
    auto outside = copied(outer);
    // What lies on the way to the list is around its elements too.
    for (;;) {
        if (node.is(value::Kind::object)) outside = around(outside.root(), node, before);
        const auto dot = before.find('.');
        if (dot == std::string_view::npos || !node.find(before).is(value::Kind::missing)) break;
        node = node.find(before.substr(0, dot));
        before.remove_prefix(dot + 1);
    }
    const auto list = find_in(node, before);
    if (!list) return;
    const auto take = [&](value::Node element) {
        if (rest.empty())
            out.push_back(with_outer(element, outside.root()));
        else
            collect(element, rest, outside.root(), out);
    };
    if (!list.is(value::Kind::array)) return take(list);
    for (const auto element : list) take(element);
}

}  // namespace

bool is_nested(std::string_view path) {
    return path.contains("[]");
}

std::vector<value::Document> elements_at(value::Node root, std::string_view path) {
    std::vector<value::Document> out;
    collect(root, path, {}, out);
    return out;
}

}  // namespace tributary::connector

#include "gateway/value/replace_at.hpp"

#include <charconv>
#include <optional>
#include <string>

namespace tributary::value {
namespace {

struct PathStep {
    std::string_view key;
    std::optional<std::size_t> index;
};

// Cuts the first step off: "emails[0].address" -> "emails", then "[0]", then "address".
std::optional<PathStep> next_step(std::string_view& path) {
    if (path.starts_with("[")) {
        const auto end = path.find(']');
        std::size_t index = 0;
        if (end == std::string_view::npos) return std::nullopt;
        const auto [rest, error] = std::from_chars(path.data() + 1, path.data() + end, index);
        if (error != std::errc() || rest != path.data() + end) return std::nullopt;
        path.remove_prefix(end + 1);
        return PathStep{{}, index};
    }
    if (path.starts_with(".")) path.remove_prefix(1);
    const auto key = path.substr(0, path.find_first_of(".["));
    if (key.empty()) return std::nullopt;
    path.remove_prefix(key.size());
    return PathStep{key, std::nullopt};
}

Result<void> write(Node node, std::string_view path, Node value, Builder& out);

Result<void> write_object(Node node, std::string_view key, std::string_view rest, Node value, Builder& out) {
    if (node && !node.is(Kind::object)) return fail(Fault::bad_input, "has no members", std::string(key));
    out.begin_object();
    bool found = false;
    for (const auto member : node) {
        const bool here = member.key() == key;
        found = found || here;
        if (here && rest.empty() && !value) continue;
        out.key(member.key());
        if (here) {
            CHECK_OK(write(member, rest, value, out));
        } else {
            out.copy(member);
        }
    }
    if (!found && value) {
        out.key(key);
        CHECK_OK(write({}, rest, value, out));
    }
    out.end();
    return {};
}

Result<void> write_array(Node node, std::size_t index, std::string_view rest, Node value, Builder& out) {
    if (node && !node.is(Kind::array))
        return fail(Fault::bad_input, "has no elements", "[" + std::to_string(index) + "]");
    if (index > node.size())
        return fail(Fault::bad_input, "there are " + std::to_string(node.size()) + " elements",
                    "[" + std::to_string(index) + "]");
    out.begin_array();
    std::size_t at = 0;
    for (const auto element : node) {
        const bool here = at++ == index;
        if (here && rest.empty() && !value) continue;
        if (here) {
            CHECK_OK(write(element, rest, value, out));
        } else {
            out.copy(element);
        }
    }
    if (index == node.size() && value) CHECK_OK(write({}, rest, value, out));
    out.end();
    return {};
}

Result<void> write(Node node, std::string_view path, Node value, Builder& out) {
    if (path.empty()) {
        if (value)
            out.copy(value);
        else
            out.null();
        return {};
    }
    auto rest = path;
    const auto step = next_step(rest);
    if (!step) return fail(Fault::bad_input, "is no path such as emails[0].address", std::string(path));
    return step->index ? write_array(node, *step->index, rest, value, out)
                       : write_object(node, step->key, rest, value, out);
}

}  // namespace

Result<Document> replace_at(Node root, std::string_view path, Node value) {
    Builder out;
    CHECK_OK(write(root, path, value, out));
    return out.take();
}

}  // namespace tributary::value

#include "gateway/value/replace_at.hpp"

#include <algorithm>
#include <span>

namespace tributary::value {
namespace {

using Steps = std::span<const PathStep>;

// Nothing is made on the way to an element that would have to be there already.
bool makes(Steps steps) {
    return std::ranges::none_of(steps, [](const PathStep& step) { return step.kind == PathStep::Kind::where; });
}

class Replacer {
  public:
    Replacer(Node value, const Merge& merge, Builder& out) : value_(value), merge_(merge), out_(out) {}

    Result<void> write(Node node, Steps steps) {
        if (steps.empty()) {
            put(node);
            return {};
        }
        const auto rest = steps.subspan(1);
        switch (const auto& step = steps.front(); step.kind) {
            case PathStep::Kind::member:
                return write_member(node, step.name, rest);
            case PathStep::Kind::index:
                return write_index(node, step.index, rest);
            case PathStep::Kind::append:
                return write_index(node, node.size(), rest);
            case PathStep::Kind::where:
                return write_where(node, step, rest);
        }
        return {};
    }

  private:
    void put(Node before) {
        if (merge_ && before && value_)
            merge_(before, value_, out_);
        else
            out_.copy(value_);
    }

    Result<void> write_member(Node node, std::string_view name, Steps rest) {
        if (node && !node.is(Kind::object)) return fail(Fault::bad_input, "has no members", std::string(name));
        out_.begin_object();
        bool found = false;
        for (const auto member : node) {
            const bool here = member.key() == name;
            found = found || here;
            if (here && rest.empty() && !value_) continue;
            out_.key(member.key());
            if (here) {
                CHECK_OK(write(member, rest));
            } else {
                out_.copy(member);
            }
        }
        if (!found && value_ && makes(rest)) {
            out_.key(name);
            CHECK_OK(write({}, rest));
        }
        out_.end();
        return {};
    }

    Result<void> write_index(Node node, std::size_t index, Steps rest) {
        const auto place = [&] { return "[" + std::to_string(index) + "]"; };
        if (node && !node.is(Kind::array)) return fail(Fault::bad_input, "has no elements", place());
        if (index > node.size())
            return fail(Fault::bad_input, "there are " + std::to_string(node.size()) + " elements", place());
        std::size_t at = 0;
        CHECK_OK(write_elements(node, rest, [&](Node) { return at++ == index; }));
        if (index == node.size() && value_) CHECK_OK(write({}, rest));
        out_.end();
        return {};
    }

    Result<void> write_where(Node node, const PathStep& step, Steps rest) {
        if (node && !node.is(Kind::array)) return fail(Fault::bad_input, "has no elements", "[]");
        CHECK_OK(write_elements(node, rest, [&](Node element) { return fits(element, step.conditions); }));
        out_.end();
        return {};
    }

    // Leaves the array open.
    template <class Meant>
    Result<void> write_elements(Node node, Steps rest, const Meant& meant) {
        out_.begin_array();
        for (const auto element : node) {
            const bool here = meant(element);
            if (here && rest.empty() && !value_) continue;
            if (here) {
                CHECK_OK(write(element, rest));
            } else {
                out_.copy(element);
            }
        }
        return {};
    }

    Node value_;
    const Merge& merge_;
    Builder& out_;
};

}  // namespace

Result<Document> replace_at(Node root, const ElementPath& path, Node value, const Merge& merge) {
    Builder out;
    CHECK_OK(Replacer(value, merge, out).write(root, path));
    return out.take();
}

Result<Document> replace_at(Node root, std::string_view path, Node value) {
    TRY(const auto steps, parse_element_path(path));
    return replace_at(root, steps, value);
}

}  // namespace tributary::value

// A path into a document that names elements of lists by what they are: "emails[address=old@example.com].type",
// "addresses[country=DE][city=Berlin]", "addresses[city=Berlin].lines[=Main Street 1]"; "emails[]" is one more element.
// A `]` inside of what is looked for is written twice. "emails[0]" is a position.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::value {

struct Condition {
    std::string member;  // of the element; empty: the element itself
    std::string is;      // a scalar as text
    friend bool operator==(const Condition&, const Condition&) = default;
};

struct PathStep {
    enum class Kind : std::uint8_t { member, index, where, append };
    Kind kind = Kind::member;
    std::string name = {};
    std::size_t index = 0;
    std::vector<Condition> conditions = {};  // where: all of them hold
};
using ElementPath = std::vector<PathStep>;

// bad_input tells nothing of the path: it may hold a person's values.
Result<ElementPath> parse_element_path(std::string_view text);
std::string text_of(const ElementPath& path);
// Without what is looked for: "emails[].type".
std::string shape_of(const ElementPath& path);
// As a model names fields: "emails.type".
std::string names_of(std::span<const PathStep> path);

// A member that is a list fits when one of its elements does.
bool fits(Node element, const std::vector<Condition>& conditions);

}  // namespace tributary::value

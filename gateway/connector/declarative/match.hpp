// Match: tells which element of a list is meant. Searches of real systems are loose (words, prefixes, a case folded
// away), so only an element counts whose every path holds that very text, or nothing where the template has none. Pure.
#pragma once

#include <vector>

#include "gateway/connector/declarative/answer.hpp"

namespace tributary::connector {

using Match = std::vector<spec::Named<Template>>;  // path in the element, and the text

// The first that matches; missing when none does. It lives as long as the list.
Result<value::Node> first_match(value::Node list, const Match& match, const Scope& scope);

}  // namespace tributary::connector

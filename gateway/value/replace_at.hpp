// A document with one value of it replaced, added or taken out, by a path such as "emails[0].address".
#pragma once

#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::value {

// Objects on the way are made where they are missing; an index is that of an element that is there, or the next one.
// `value` null or missing takes the value out (an element of an array leaves no gap). bad_input: the path leads through
// something that has no members or elements, or to an index beyond the next one.
Result<Document> replace_at(Node root, std::string_view path, Node value);

}  // namespace tributary::value

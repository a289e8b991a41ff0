// A document with one value of it replaced, added or taken out, by a path such as "emails[0].address".
#pragma once

#include <functional>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"
#include "gateway/value/element_path.hpp"

namespace tributary::value {

// Writes one value, of what stood there and what is to stand there.
using Merge = std::function<void(Node before, Node value, Builder& out)>;

// Objects on the way are made where they are missing; an index is that of an element that is there, or the next one;
// every element that a condition fits is meant, none is no error. `value` null or missing takes the value out (an
// element of an array leaves no gap). bad_input: it is no path, or leads through something that has no members or
// elements, or to an index beyond the next one.
Result<Document> replace_at(Node root, std::string_view path, Node value);
Result<Document> replace_at(Node root, const ElementPath& path, Node value, const Merge& merge = {});

}  // namespace tributary::value

// Nested lists: a webhook that packs its events into lists of lists ("entry[].changes[].value.messages[]").
#pragma once

#include <string_view>
#include <vector>

#include "gateway/value/document.hpp"

namespace tributary::connector {

// Whether `path` goes through lists: each "[]" in it takes every element of the list that stands there.
bool is_nested(std::string_view path);
// All elements at the end of such a path, in order; what is missing on the way has none, and a single value counts as a
// list of one. An element that is an object gets the member `_outer`: the members of the objects around it, those
// further in before those further out, without the lists on the path, without lists of more than 10 and of 16 KiB at
// most.
std::vector<value::Document> elements_at(value::Node root, std::string_view path);

}  // namespace tributary::connector

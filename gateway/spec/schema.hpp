// What editors and people read about a config type, written from its shape: JSON Schema (draft 2020-12) and Markdown.
#pragma once

#include <string>

#include "gateway/spec/shape.hpp"

namespace tributary::spec {

// Pretty-printed, with a line feed at its end. `id` is its $id, such as
// "https://tributary.example/schema/gateway.json".
std::string json_schema(const Shape& root, const std::string& id);

// A section for the root and one for each object below it, starting at heading level `level`.
// `prefix` makes the links of several roots in one file differ: a section has the anchor prefix + name.
std::string markdown(const Shape& root, int level = 2, const std::string& prefix = "");

// Parses every example and default below `root` with the type that it stands at; what is wrong is a problem.
void check_examples(const Shape& root, Problems& problems);

}  // namespace tributary::spec

// The connectors that are C++: their factories, added to a registry by app's wiring under the names of their
// connector.yaml.
#pragma once

#include "gateway/connector/registry.hpp"

namespace tributary::connectors {

void add_built_in(connector::Registry& registry);

}  // namespace tributary::connectors

// The connectors that are C++: the one list of them.
#pragma once

#include "gateway/connector/registry.hpp"

namespace tributary::app {

void add_built_in(connector::Registry& registry);

}  // namespace tributary::app

// Which parts of a configuration only a restart changes: those that open sockets, threads, files or keys.
#pragma once

#include <string>
#include <vector>

#include "gateway/app/config.hpp"

namespace tributary::app {

// Their keys, as the file writes them; empty: a running gateway can take `after` up.
std::vector<std::string> fixed_changes(const Config& before, const Config& after);

}  // namespace tributary::app

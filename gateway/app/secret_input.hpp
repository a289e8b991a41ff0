// Secrets that a person types or a pipe brings. Never an argument: those show in the process list.
#pragma once

#include <string>

namespace tributary::app {

// A line without echo from a terminal, or all of a pipe.
std::string read_secret(const std::string& prompt);

}  // namespace tributary::app

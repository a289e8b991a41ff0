// What a command reads: a file, or standard input.
#pragma once

#include <string>

#include "gateway/base/result.hpp"

namespace tributary::app {

// The whole of a file, or of standard input for "-". bad_input: it cannot be read.
Result<std::string> read_input(const std::string& file);

}  // namespace tributary::app

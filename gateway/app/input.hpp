// What a command reads: a file, standard input, the configuration.
#pragma once

#include <string>

#include "gateway/base/result.hpp"

namespace tributary::app {

// The whole of a file, or of standard input for "-". bad_input: it cannot be read.
Result<std::string> read_input(const std::string& file);

struct Common;
struct Config;
// gateway.yaml. bad_config: what is wrong with it was written to standard error.
Result<Config> read_config(const Common& common);

}  // namespace tributary::app

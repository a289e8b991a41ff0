// The other end of calls_in_process: a process that has one library and answers frames on its standard input and
// output until the input ends. What the library prints goes to standard error.
#pragma once

#include <filesystem>

namespace tributary::connector::native {

// Returns the exit code.
int serve_plugin(const std::filesystem::path& library);

}  // namespace tributary::connector::native

// The skeleton of a connector: what `connector new` writes. Pure.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace tributary::app {

// Files below the folder of gateway.yaml, with their content.
std::vector<std::pair<std::filesystem::path, std::string>> connector_skeleton(const std::string& name,
                                                                              const std::string& family);
// The lines of gateway.yaml that use it.
std::string connection_lines(const std::string& name);

}  // namespace tributary::app

// The table of the admin face: every route that it serves, and which operation it leads to.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gateway/api/route.hpp"

namespace tributary::app {

std::vector<api::Route> admin_routes();

// docs/openapi.json and docs/routes.md, by their names.
std::vector<std::pair<std::string, std::string>> generated_api_files();
// Into that folder; "" writes openapi.json to standard output. bad_config: a file cannot be written.
Result<void> export_api_files(const std::filesystem::path& folder);

}  // namespace tributary::app

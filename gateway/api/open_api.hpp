// The admin face as an OpenAPI 3.1 document, made of the table that serves it.
#pragma once

#include <span>
#include <string>

#include "gateway/api/route.hpp"

namespace tributary::api {

// Pretty JSON with a newline at its end. REQUIRES: check_routes() holds.
std::string open_api(std::span<const Route> routes, std::span<const OperationInfo> operations);
// The routes as a table for people, in Markdown.
std::string route_table(std::span<const Route> routes, std::span<const OperationInfo> operations);

}  // namespace tributary::api

// Where the connectors of this repository are.
#pragma once

#include <filesystem>

namespace tributary::test {

inline const std::filesystem::path kShippedConnectors = std::filesystem::path(TRIBUTARY_SOURCE_DIR) / "connectors";

}  // namespace tributary::test

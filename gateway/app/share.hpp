// The installation's folder with connectors/, mappings/ and config/: $TRIBUTARY_SHARE, else a folder above the program
// that holds them, else <prefix>/share/tributary.
#pragma once

#include <filesystem>

namespace tributary::app {

std::filesystem::path share_folder();

}  // namespace tributary::app

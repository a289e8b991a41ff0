#include "gateway/app/share.hpp"

#include <cstdlib>

namespace tributary::app {

std::filesystem::path share_folder() {
    namespace fs = std::filesystem;
    if (const char* named = std::getenv("TRIBUTARY_SHARE"); named && *named) return named;
    std::error_code ignored;  // without /proc the fallback below holds
    auto program = fs::read_symlink("/proc/self/exe", ignored);
    for (auto folder = program.parent_path(); folder.has_relative_path(); folder = folder.parent_path())
        if (fs::is_directory(folder / "connectors", ignored) && fs::is_directory(folder / "mappings", ignored))
            return folder;
    return program.parent_path().parent_path() / "share" / "tributary";
}

}  // namespace tributary::app

// Data that lies outside of the repository: TRIBUTARY_SHARED, or the folder `shared` beside it. It may not be there.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace tributary::test {

inline std::filesystem::path shared_data(std::string_view name) {
    const char* named = std::getenv("TRIBUTARY_SHARED");
    const auto folder =
        named ? std::filesystem::path(named) : std::filesystem::path(TRIBUTARY_SOURCE_DIR).parent_path() / "shared";
    return folder / "data" / name;
}

}  // namespace tributary::test

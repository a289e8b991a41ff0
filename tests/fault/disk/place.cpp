#include "tests/fault/disk/place.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <cstdlib>

namespace tributary::disk {

Place::Place(const std::string& marker) {
    const std::filesystem::path memory = "/dev/shm";
    const auto parent = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
    auto pattern = (parent / ("tributary-" + marker + "-XXXXXX")).string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
    path_ = folder_ / "data" / "tributary.db";
    std::filesystem::create_directory(folder_ / "data");
}

Place::~Place() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string integrity_of(const std::filesystem::path& path) {
    sqlite3* handle = nullptr;
    std::string finding = "cannot be opened";
    if (sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK) {
        const auto keep = [](void* into, int, char** columns, char**) {
            static_cast<std::string*>(into)->assign(columns[0] ? columns[0] : "");
            return 0;
        };
        sqlite3_exec(handle, "PRAGMA integrity_check", keep, &finding, nullptr);
    }
    sqlite3_close_v2(handle);
    return finding;
}

void Verdict::check(const std::string& name, bool holds, const std::string& why) {
    std::printf("%s %s%s%s\n", holds ? "PASS" : "FAIL", name.c_str(), holds || why.empty() ? "" : ": ",
                holds ? "" : why.c_str());
    std::fflush(stdout);
    failed_ = failed_ || !holds;
}

}  // namespace tributary::disk

#include "tests/fault/disk/place.hpp"

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

void Verdict::check(const std::string& name, bool holds, const std::string& why) {
    std::printf("%s %s%s%s\n", holds ? "PASS" : "FAIL", name.c_str(), holds || why.empty() ? "" : ": ",
                holds ? "" : why.c_str());
    std::fflush(stdout);
    failed_ = failed_ || !holds;
}

}  // namespace tributary::disk

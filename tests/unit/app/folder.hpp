// A folder of one test, empty at its start and gone at its end.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace tributary::test {

struct Folder {
    explicit Folder(std::string_view name)
        : path(std::filesystem::temp_directory_path() /
               ("tributary-" + std::string(name) + '-' + std::to_string(::getpid()))) {
        std::filesystem::remove_all(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const std::filesystem::path& name, std::string_view text) const {
        std::filesystem::create_directories((path / name).parent_path());
        std::ofstream(path / name) << text;
    }

    const std::filesystem::path path;
};

}  // namespace tributary::test

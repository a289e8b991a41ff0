// A directory of a test's own, removed at the end.
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

namespace tributary::contract {

class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        // In memory where there is such a place: a thousand fsyncs of a busy disk take long and prove nothing here.
        const std::filesystem::path memory = "/dev/shm";
        const auto parent = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
        auto pattern = (parent / "tributary-store-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace tributary::contract

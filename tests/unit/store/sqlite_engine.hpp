// The SQLite engine in a directory of its own, removed at the end.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "gateway/base/log.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"
#include "tests/contract/store/engine.hpp"

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

class SqliteEngine final : public Engine {
  public:
    SqliteEngine() { options.path = directory.path() / "data" / "tributary.db"; }
    std::unique_ptr<store::Store> open() override { return must(try_open()); }
    Result<std::unique_ptr<store::Store>> try_open() { return store::open_sqlite(options, clock, log); }

    TemporaryDirectory directory;
    store::SqliteOptions options;
    FakeClock clock;  // stands at at(0)
    Log log{LogLevel::debug, Log::Target::memory};
};

}  // namespace tributary::contract

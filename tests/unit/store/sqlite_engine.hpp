// The SQLite engine in a directory of its own, removed at the end.
#pragma once

#include "gateway/base/log.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"
#include "tests/contract/store/engine.hpp"
#include "tests/unit/store/temporary_directory.hpp"

namespace tributary::contract {

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

// Moves a SQLite store into an empty PostgreSQL database: table by table, each in one transaction with the note that it
// is there, so a run that was cut off is taken up by the next. The SQLite file stays as it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

struct Imported {
    std::uint64_t tables = 0, rows = 0;  // all that are there now
    std::uint64_t kept = 0;              // tables that an earlier run had moved
};

// `moved` is told each table and its rows. Until it is done, nobody can open the database as a store. conflict: a
// gateway runs on the file, the database holds a store already, or the file changed since an earlier run. internal: the
// numbers of rows differ.
Result<Imported> import_sqlite(const std::filesystem::path& file, const std::string& dsn, const Clock& clock, Log& log,
                               const std::function<void(const std::string&, std::uint64_t)>& moved);

}  // namespace tributary::store

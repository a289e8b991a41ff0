// Brings a SQLite database to the newest schema; its version stands in PRAGMA user_version.
#pragma once

#include <span>

#include "gateway/base/result.hpp"
#include "gateway/store/sql/schema.hpp"
#include "gateway/store/sqlite/sqlite_connection.hpp"

namespace tributary::store {

// To the newest of `steps`. A database that is newer than these is refused with bad_config.
Result<void> migrate(SqliteConnection& connection, std::span<const char* const> steps);

}  // namespace tributary::store

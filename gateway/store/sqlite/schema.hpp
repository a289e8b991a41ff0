// The schema and its migrations: numbered, append-only, each in one transaction with its number (PRAGMA user_version).
#pragma once

#include <span>

#include "gateway/base/result.hpp"
#include "gateway/store/sqlite/connection.hpp"

namespace tributary::store {

// The n-th entry leads from version n to n + 1.
std::span<const char* const> migrations();

// Brings the database to the newest of `steps`. A database that is newer than these is refused with bad_config.
Result<void> migrate(Connection& connection, std::span<const char* const> steps);

}  // namespace tributary::store

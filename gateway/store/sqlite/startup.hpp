// What happens before a store opens: its files, the check after an unclean exit, and the leases of the process before.
#pragma once

#include <filesystem>

#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/result.hpp"
#include "gateway/store/sqlite/sqlite_connection.hpp"

namespace tributary::store {

Result<void> prepare_directory(const std::filesystem::path& database);
// Whether the file was there already. A new one is readable by its owner alone, and its directory entry is on disk.
Result<bool> create_file(const std::filesystem::path& database);
// Internal when the file is damaged. Gives up silently after some seconds: a large file is then checked in part.
Result<void> check_file(SqliteConnection& connection, const Clock& clock, Log& log);
// Lanes, inbox entries and jobs that the process before held are free again.
Result<void> reclaim(SqliteConnection& connection, Timestamp now, Log& log);

}  // namespace tributary::store

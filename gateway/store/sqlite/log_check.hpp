// log_check: whether a write-ahead log was damaged, which SQLite alone takes for an end that never reached the disk, so
// that it would drop acknowledged commits without a word.
//
// A power loss can tear the newest commit only: each was synced before the next began. Whole commits behind a frame
// that does not fit are damage. Not told apart: damage in the newest commits, and a log that was cut off.
#pragma once

#include <cstdint>
#include <filesystem>

#include "gateway/base/result.hpp"

namespace tributary::store {

// REQUIRES: no connection to the database is open. Internal when the log is damaged; a log that is missing is sound.
Result<void> check_log(const std::filesystem::path& log);

}  // namespace tributary::store

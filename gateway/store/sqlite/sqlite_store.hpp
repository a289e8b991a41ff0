// Opens a Store in one SQLite file (WAL, synchronous FULL). One process at a time: a second one is refused.
// Errors of opening are bad_config (a newer schema, a directory that cannot be written), conflict (the file is in use
// by another process) or internal (a damaged file, told by its check after an unclean exit).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/result.hpp"
#include "gateway/store/store.hpp"

namespace tributary::store {

struct SqliteOptions {
    std::filesystem::path path;   // made with its directory when missing, mode 0600
    std::size_t batch = 1024;     // writes in one commit, at most
    std::size_t queue = 100'000;  // writes that may wait; beyond it they are refused
    std::size_t readers = 4;      // idle read connections kept open
    std::uint64_t dead_letter_limit = 1'000'000;
    std::uint64_t dead_letter_alert = 100'000;
    std::uint64_t max_pages = 0;  // of 4 KiB: a quota on the file; 0: none
};

// `log` and `clock` outlive the store.
Result<std::unique_ptr<Store>> open_sqlite(SqliteOptions options, const Clock& clock, Log& log);

}  // namespace tributary::store

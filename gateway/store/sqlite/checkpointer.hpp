// Checkpointer: moves the write-ahead log into the database file, on the writer's own connection between its commits:
// SQLite before 3.51.3 can lose data when another connection does it.
#pragma once

#include <cstdint>

#include "gateway/base/result.hpp"
#include "gateway/store/sqlite/connection.hpp"

namespace tributary::store {

class Checkpointer {
  public:
    // The connection outlives it.
    explicit Checkpointer(Connection& connection);
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    // Small ones while callers wait for each commit, large ones in bulk. An error is only returned when it breaks the
    // store.
    Result<void> after_commit(bool bulk);
    // When nothing is queued, or room is needed: empties the log.
    Result<void> truncate();
    bool has_work() const { return pages_ > 0; }

  private:
    static int committed(void* self, sqlite3* handle, const char* database, int pages);
    Result<void> run(int mode);

    Connection& connection_;
    std::int64_t pages_ = 0;  // in the log
    std::int64_t tried_ = 0;  // of these, when the last checkpoint ran
};

}  // namespace tributary::store

// Checkpointer: moves the write-ahead log into the database file, on the writer's own connection between its commits:
// SQLite before 3.51.3 can lose data when another connection does it.
#pragma once

#include <cstdint>

#include "gateway/base/result.hpp"
#include "gateway/store/sql/upkeep.hpp"
#include "gateway/store/sqlite/sqlite_connection.hpp"

namespace tributary::store {

class Checkpointer final : public Upkeep {
  public:
    // The connection outlives it.
    explicit Checkpointer(SqliteConnection& connection);
    ~Checkpointer() override;
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    Result<void> after_commit(bool bulk) override;
    // Empties the log.
    Result<void> settle() override;
    bool has_work() const override { return pages_ > 0; }

  private:
    static int committed(void* self, sqlite3* handle, const char* database, int pages);
    Result<void> run(int mode);

    SqliteConnection& connection_;
    std::int64_t pages_ = 0;  // in the log
    std::int64_t tried_ = 0;  // of these, when the last checkpoint ran
};

}  // namespace tributary::store

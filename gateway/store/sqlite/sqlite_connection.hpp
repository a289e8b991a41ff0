// SqliteConnection: one handle of SQLite. A broken one met an I/O error or a damaged file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "gateway/store/sql/connection.hpp"
#include "gateway/store/sql/statement.hpp"
#include "gateway/store/sqlite/clock_steps.hpp"

struct sqlite3;

namespace tributary::store {

class SqliteConnection final : public Connection {
  public:
    enum class Mode { read_write, read_only };
    static constexpr int kBusyMilliseconds = 5000;
    // REQUIRES: the file exists (it may be empty). Sets all pragmas.
    static Result<std::unique_ptr<SqliteConnection>> open(const std::filesystem::path& path, Mode mode);
    ~SqliteConnection() override;

    Result<std::unique_ptr<Prepared>> prepare(const char* sql) override;
    Result<void> begin_write() override;
    Result<void> begin_read() override { return run(begin_read_); }
    Result<void> commit() override;
    void roll_back() override;
    Result<void> mark() override { return run(mark_); }
    Result<void> leave_mark() override { return run(leave_mark_); }
    Result<void> roll_back_to_mark() override;
    bool in_transaction() const override;
    bool broken() const override { return broken_; }
    bool full() const override { return full_; }
    void clear_full() override { full_ = false; }

    // From now on a write begins by moving what waits along with the wall clock, when that was set. Both outlive this.
    void follow(const Clock& clock, Log& log) { steps_ = std::make_unique<ClockSteps>(*this, clock, log); }

    // One statement or several, without parameters and without result.
    Result<void> execute(const char* sql);
    // The first column of the last row.
    Result<std::string> text(const char* sql);
    // The Error for a result code, noted when it says that the disk is full or broken.
    Error error(int code);
    // What to say about a file whose content is wrong.
    static Error damage();

    sqlite3* handle() const { return handle_; }

  private:
    explicit SqliteConnection(sqlite3* handle);
    Result<void> configure(Mode mode);
    static Result<void> run(Statement& statement);

    sqlite3* handle_;
    bool broken_ = false, full_ = false;
    Statement begin_write_, begin_read_, commit_, roll_back_, mark_, leave_mark_, roll_back_to_mark_;
    std::unique_ptr<ClockSteps> steps_;
};

}  // namespace tributary::store

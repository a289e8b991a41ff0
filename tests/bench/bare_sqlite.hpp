// BareSqlite: a SQLite file as hand-written code uses it: WAL, synchronous FULL, prepared statements. Any error ends
// the bench. One thread at a time.
#pragma once

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

namespace bench {

class BareSqlite {
  public:
    // Pages of log between two checkpoints.
    BareSqlite(const std::filesystem::path& path, int checkpoint_pages) {
        must(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                             nullptr));
        execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536");
        execute(fmt::format("PRAGMA wal_autocheckpoint={}", checkpoint_pages).c_str());
        begin_ = prepare("BEGIN IMMEDIATE");
        commit_ = prepare("COMMIT");
    }
    ~BareSqlite() {
        for (auto* statement : statements_) sqlite3_finalize(statement);
        sqlite3_close(db_);
    }
    BareSqlite(const BareSqlite&) = delete;
    BareSqlite& operator=(const BareSqlite&) = delete;

    void execute(const char* sql) { must(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
    // Lives as long as the database.
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        must(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
        return statements_.emplace_back(statement);
    }
    // Runs a statement that gives no rows.
    void step(sqlite3_stmt* statement) {
        must(sqlite3_step(statement));
        sqlite3_reset(statement);
    }
    // Whether there is a row; it is there until sqlite3_reset.
    bool row(sqlite3_stmt* statement) {
        const int code = sqlite3_step(statement);
        if (code != SQLITE_ROW) must(code);
        return code == SQLITE_ROW;
    }
    void begin() { step(begin_); }
    void commit() { step(commit_); }
    int changes() const { return sqlite3_changes(db_); }

  private:
    void must(int code) const {
        if (code == SQLITE_OK || code == SQLITE_DONE) return;
        fmt::print(stderr, "baseline: {}\n", sqlite3_errmsg(db_));
        std::exit(1);
    }
    sqlite3* db_ = nullptr;
    std::vector<sqlite3_stmt*> statements_;
    sqlite3_stmt *begin_ = nullptr, *commit_ = nullptr;
};

}  // namespace bench

#include "gateway/store/sqlite/sqlite_connection.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "gateway/store/sqlite/sqlite_prepared.hpp"

namespace tributary::store {
namespace {

constexpr const char* kWriterPragmas = R"(
    PRAGMA page_size=4096;
    PRAGMA journal_mode=WAL;
    PRAGMA synchronous=FULL;
    PRAGMA wal_autocheckpoint=0;
    PRAGMA journal_size_limit=67108864;
    PRAGMA cache_size=-65536;
    PRAGMA secure_delete=ON;
)";

constexpr const char* kPragmas = R"(
    PRAGMA mmap_size=0;
    PRAGMA temp_store=MEMORY;
    PRAGMA foreign_keys=OFF;
    PRAGMA cell_size_check=ON;
    PRAGMA trusted_schema=OFF;
)";

// SQLite tells a full disk apart from a broken one, except where it grows its shared memory file.
bool means_full(int code, int system_error) {
    return (code & 0xff) == SQLITE_FULL || (code == SQLITE_IOERR_SHMSIZE && system_error == ENOSPC);
}

bool means_broken(int code) {
    switch (code & 0xff) {
        case SQLITE_IOERR:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_READONLY:
            return true;
        default:
            return false;
    }
}

Fault fault_of(int code) {
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
            return Fault::conflict;
        case SQLITE_TOOBIG:
            return Fault::bad_input;
        case SQLITE_BUSY:
        case SQLITE_NOMEM:
        case SQLITE_CANTOPEN:
            return Fault::transient;
        default:
            return Fault::internal;
    }
}

}  // namespace

SqliteConnection::SqliteConnection(sqlite3* handle)
    : handle_(handle),
      begin_write_(*this, "BEGIN IMMEDIATE"),
      begin_read_(*this, "BEGIN"),
      commit_(*this, "COMMIT"),
      roll_back_(*this, "ROLLBACK"),
      mark_(*this, "SAVEPOINT mark"),
      leave_mark_(*this, "RELEASE mark"),
      roll_back_to_mark_(*this, "ROLLBACK TO mark") {}

// The handle closes with the last statement of it.
SqliteConnection::~SqliteConnection() {
    forget_names();
    // The last handle to go empties the log, and so would try the sync that failed once more, which says nothing.
    if (broken_) sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_close_v2(handle_);
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::filesystem::path& path, Mode mode) {
    sqlite3* handle = nullptr;
    const int flags = (mode == Mode::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    if (code != SQLITE_OK) {
        auto what = fmt::format("cannot open: {}", sqlite3_errstr(code));
        sqlite3_close_v2(handle);
        return fail(Fault::bad_config, std::move(what), "store " + path.string());
    }
    sqlite3_extended_result_codes(handle, 1);
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle));
    if (auto done = connection->configure(mode); !done) return pass(std::move(done), "store " + path.string());
    return connection;
}

Result<void> SqliteConnection::configure(Mode mode) {
    sqlite3_busy_timeout(handle_, kBusyMilliseconds);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    if (mode == Mode::read_write) {
        CHECK_OK(execute(kWriterPragmas));
        TRY(const auto journal, text("PRAGMA journal_mode"));
        if (journal != "wal")
            return fail(Fault::bad_config, "this file system cannot hold a write-ahead log: use a local disk");
    }
    return execute(kPragmas);
}

Result<void> SqliteConnection::execute(const char* sql) {
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(error(code));
    return {};
}

Result<std::string> SqliteConnection::text(const char* sql) {
    std::string text;
    const auto keep = [](void* into, int, char** columns, char**) {
        static_cast<std::string*>(into)->assign(columns[0] ? columns[0] : "");
        return 0;
    };
    const int code = sqlite3_exec(handle_, sql, keep, &text, nullptr);
    if (code != SQLITE_OK) return fail(error(code));
    return text;
}

Error SqliteConnection::error(int code) {
    if (means_full(code, sqlite3_system_errno(handle_))) {
        full_ = true;
        return {Fault::transient, "the disk is full: free some space, nothing was lost"};
    }
    if (code == SQLITE_IOERR_NOMEM) code = SQLITE_NOMEM;
    if (means_broken(code)) broken_ = true;
    if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB) return damage();
    // SQLite's message for these names tables and columns, never values.
    return {fault_of(code), fmt::format("database: {} ({})", sqlite3_errmsg(handle_), code)};
}

Error SqliteConnection::damage() {
    return {Fault::internal, "the database file is damaged: restore a backup, or recover it with the sqlite3 tool"};
}

Result<std::unique_ptr<Prepared>> SqliteConnection::prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return fail(error(code));
    return std::make_unique<SqlitePrepared>(*this, statement);
}

Result<void> SqliteConnection::run(Statement& statement) {
    CHECK_OK(statement.run());
    return {};
}

Result<void> SqliteConnection::begin_write() {
    CHECK_OK(run(begin_write_));
    return steps_ ? steps_->move_along() : Result<void>();
}

// A commit that failed for any reason but room leaves open what is on disk.
Result<void> SqliteConnection::commit() {
    auto committed = run(commit_);
    if (!committed && !full_) broken_ = true;
    if (committed && steps_) steps_->committed();
    return committed;
}

void SqliteConnection::roll_back() {
    if (in_transaction()) std::ignore = roll_back_.run();  // the error that led here is what is told
    if (steps_) steps_->rolled_back();
}

Result<void> SqliteConnection::roll_back_to_mark() {
    CHECK_OK(run(roll_back_to_mark_));
    return leave_mark();
}

bool SqliteConnection::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

}  // namespace tributary::store

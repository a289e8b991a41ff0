// Connection: one SQLite handle. It remembers the worst that happened to it: a broken one (I/O error, damaged file) is
// never used again, a full one only had no room for the current transaction.
// Used by one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "gateway/base/result.hpp"

struct sqlite3;

namespace tributary::store {

class Names;

class Connection {
  public:
    enum class Mode { read_write, read_only };
    static constexpr int kBusyMilliseconds = 5000;
    // REQUIRES: the file exists (it may be empty). Sets all pragmas.
    static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& path, Mode mode);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // One statement or several, without parameters and without result.
    Result<void> execute(const char* sql);
    // The first column of the last row.
    Result<std::string> text(const char* sql);
    // The Error for a result code, noted when it says that the disk is full or broken.
    Error error(int code);
    // What to say about a file whose content is wrong.
    static Error damage();

    sqlite3* handle() const { return handle_; }
    Names& names() { return *names_; }
    std::int64_t last_id() const;
    // False once SQLite ended the transaction by itself, as it may when the disk is full.
    bool in_transaction() const;

    bool broken() const { return broken_; }
    bool full() const { return full_; }
    void clear_full() { full_ = false; }

    // An error met where none can be returned; the statement that runs reports it.
    void defer(Error error) { deferred_ = std::move(error); }
    std::optional<Error> take_deferred() { return std::exchange(deferred_, std::nullopt); }

  private:
    explicit Connection(sqlite3* handle);
    Result<void> configure(Mode mode);

    sqlite3* handle_;
    std::unique_ptr<Names> names_;
    bool broken_ = false, full_ = false;
    std::optional<Error> deferred_;
};

}  // namespace tributary::store

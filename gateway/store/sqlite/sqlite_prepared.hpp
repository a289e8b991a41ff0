// SqlitePrepared: a statement of SQLite's own.
#pragma once

#include "gateway/store/sql/connection.hpp"

struct sqlite3_stmt;

namespace tributary::store {

class SqliteConnection;

class SqlitePrepared final : public Prepared {
  public:
    // Takes the statement over. The connection outlives it.
    SqlitePrepared(SqliteConnection& connection, sqlite3_stmt* statement)
        : connection_(connection), statement_(statement) {}
    ~SqlitePrepared() override;
    void bind(int index, std::int64_t value) override;
    void bind_text(int index, std::string_view value) override;
    void bind_blob(int index, std::string_view value) override;
    void bind_null(int index) override;
    Result<bool> step() override;
    void reset() override;
    std::int64_t changed() const override;
    std::int64_t integer(int column) const override;
    std::string_view bytes(int column) const override;
    bool null(int column) const override;

  private:
    SqliteConnection& connection_;
    sqlite3_stmt* statement_;
};

}  // namespace tributary::store

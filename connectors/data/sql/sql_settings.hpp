// What a connection's settings say about its streams and actions, checked for form; whether tables and columns exist is
// the database's to say (source.hpp, sink.hpp).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/data/sql/database.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connectors::sql {

// A table or a query, and which of its columns are wanted.
struct Selection {
    std::string table, query;          // one of the two
    std::vector<std::string> columns;  // empty: all
    std::vector<std::string> skip;
    // What stands after FROM.
    std::string from(const Dialect& dialect) const;
};

// Rows of another table that belong to a row, put into it under a name.
struct Child {
    std::string name;
    Selection rows;
    std::string foreign_key;  // the child's column
    std::string parent;       // the column it refers to; empty: the parent's key
    std::vector<std::string> order_by;
    bool single = false;  // at most one: an object or null instead of an array
    std::vector<Child> children;
};

struct Stream {
    Selection rows;
    std::vector<std::string> key;
    std::string cursor;                           // empty: every run reads all
    std::optional<std::int64_t> lookback_ms;      // of a cursor that is a time
    std::optional<std::int64_t> lookback_amount;  // of a cursor that is a number, in its own units
    std::size_t page = 500;
    bool count = true;
    std::vector<Child> children;
};

struct Action {
    std::string table;
    std::vector<std::string> key;
    bool insert_only = false;  // a row that is there stays as it is
    std::size_t batch = 500;
};

enum class Engine { sqlite, postgres, mysql, odbc };

struct SqlSettings {
    Engine engine = Engine::sqlite;
    std::filesystem::path path;  // SQLite
    MysqlServer mysql;
    Limits limits;
    std::map<std::string, Stream> streams;
    std::map<std::string, Action> actions;
};

// bad_config with every problem.
Result<SqlSettings> read_sql_settings(value::Node settings, const std::filesystem::path& directory);

}  // namespace tributary::connectors::sql

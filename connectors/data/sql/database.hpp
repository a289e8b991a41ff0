// Database: one connection to SQLite or PostgreSQL, as little of it as source and sink need. Every call blocks.
// Values travel as parameters only; statements are prepared once and kept. Threads: one call at a time.
//
// Errors carry what the client library says of statements and identifiers, never of values (PostgreSQL's messages and
// details quote values, so only SQLSTATE and the names it gives apart are used).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/crypto/secret_bytes.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connectors::sql {

struct Decimal {
    std::string digits;  // a JSON number
};
using Parameter = std::variant<std::nullptr_t, bool, std::int64_t, Decimal, std::string>;
// Objects and arrays go as their JSON text.
Parameter parameter_of(value::Node node);

struct Row {
    value::Document columns;     // an object, one member for each column, in order
    std::optional<Error> error;  // a value that has no JSON form (text that is not UTF-8): written as null
};

class Database {
  public:
    virtual ~Database() = default;

    // The names of what `SELECT * FROM <from>` gives: a quoted table or a query in parentheses.
    virtual Result<std::vector<std::string>> columns(const std::string& from) = 0;
    // Those of them that round a decimal of more than 15 digits: floating point, and SQLite's numeric columns.
    virtual Result<std::vector<std::string>> rounding_columns(const std::string& from) = 0;
    virtual Result<std::vector<Row>> query(const std::string& statement, const std::vector<Parameter>& parameters) = 0;
    // The number of rows that changed.
    virtual Result<std::uint64_t> execute(const std::string& statement, const std::vector<Parameter>& parameters) = 0;
    // Whether the statement would run: its tables, columns and conflict target exist.
    virtual Result<void> prepare(const std::string& statement) = 0;

    // One transaction at a time. A commit that fails has rolled back, or nobody knows (transient).
    virtual Result<void> begin() = 0;
    virtual Result<void> commit() = 0;
    virtual void rollback() = 0;

    // How the n-th parameter, from 1, is written in a comparison.
    virtual std::string placeholder(std::size_t n, const Parameter& parameter) const = 0;
    // Bytes of a value are sent as they are for both, so one form of INSERT serves.
    std::string placeholder(std::size_t n) const { return placeholder(n, nullptr); }
};

enum class Access { read, write };
// bad_config when there is no such file: none is ever created.
Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path& file, Access access);
// The session reads and writes UTF-8, times are in UTC.
Result<std::unique_ptr<Database>> open_postgres(const crypto::SecretBytes& dsn, Access access);

// "Order Details" in double quotes, `schema.table` part by part.
std::string quoted_name(std::string_view identifier);
std::string quoted_table(std::string_view table);

}  // namespace tributary::connectors::sql

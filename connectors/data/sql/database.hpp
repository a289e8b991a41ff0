// Database: one connection to SQLite, PostgreSQL, MySQL or an ODBC driver, as little of it as source and sink need.
// Every call blocks, at most for the time that Limits gives. Values travel as parameters only; statements are prepared
// once and kept. Threads: one call at a time.
//
// Errors carry what the client library says of statements and identifiers, never of values (PostgreSQL's messages and
// details quote values, as MySQL's do, so only codes and the names that are given apart are used).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/base/clock.hpp"
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

// How a database wants what SQL leaves open.
struct Dialect {
    enum class Limit { limit, top, fetch_first };
    char quote = '"';                // around identifiers, doubled inside
    bool row_values = true;          // (a, b) > (?, ?) is understood, and served by an index
    bool on_conflict = true;         // INSERT ... ON CONFLICT; else UPDATE, and INSERT when there is no such row
    bool savepoints = true;          // SAVEPOINT as the standard writes it
    Limit limit = Limit::limit;      // LIMIT n, TOP (n), FETCH FIRST n ROWS ONLY
    std::string text_type = "TEXT";  // what CAST makes text of

    std::string name(std::string_view identifier) const;
    // `schema.table` part by part.
    std::string table(std::string_view table) const;
    // SELECT with at most `rows` rows, from its parts: columns, and all from FROM on.
    std::string select(std::string_view columns, std::string_view rest, std::size_t rows) const;
};

class Database {
  public:
    virtual ~Database() = default;

    virtual const Dialect& dialect() const = 0;

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

struct Limits {
    Milliseconds connect{10'000};
    Milliseconds statement{300'000};  // a statement that takes longer is given up: transient
};

// bad_config when there is no such file: none is ever created.
Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path& file, Access access, Limits limits = {});
// The session reads and writes UTF-8, times are in UTC. So it is with the two below.
Result<std::unique_ptr<Database>> open_postgres(const crypto::SecretBytes& dsn, Access access, Limits limits = {});

struct MysqlServer {
    enum class Tls { verify, encrypt, off };  // encrypt: whoever answers
    std::string host;                         // a path: that Unix socket
    std::uint16_t port = 3306;
    std::string database, user;
    Tls tls = Tls::verify;
    std::filesystem::path ca, certificate, key;  // PEM; empty: the system's trust, no client certificate
};
// MySQL and MariaDB, in strict mode: a value that does not fit is refused, never cut.
Result<std::unique_ptr<Database>> open_mysql(const MysqlServer& server, const crypto::SecretBytes& password,
                                             Access access, Limits limits = {});
// Whatever has a driver in odbcinst.ini: "Driver={...};Server=...".
Result<std::unique_ptr<Database>> open_odbc(const crypto::SecretBytes& connection_string, Access access,
                                            Limits limits = {});

}  // namespace tributary::connectors::sql

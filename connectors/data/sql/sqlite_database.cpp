// SQLite: reads open the file read-only, writes wait up to five seconds for a lock.
#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <cmath>
#include <map>

#include "connectors/data/sql/database.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::connectors::sql {

namespace {

constexpr int kBusyMilliseconds = 5000;
constexpr std::size_t kKeptStatements = 64;

struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

Fault fault_of(int code) {
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_NOMEM:
        case SQLITE_INTERRUPT:
        case SQLITE_IOERR:
        case SQLITE_FULL:
        case SQLITE_SCHEMA:
        case SQLITE_PROTOCOL:
            return Fault::transient;
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
        case SQLITE_RANGE:
            return Fault::bad_input;
        case SQLITE_CORRUPT:
        case SQLITE_MISUSE:
        case SQLITE_INTERNAL:
            return Fault::internal;
        default:
            return Fault::bad_config;  // a wrong statement, no such file, no permission, not a database
    }
}

// The rules of affinity: datatype3.html section 3.1.
bool rounds(std::string_view declared) {
    const auto type = upper_ascii(declared);
    const auto holds = [&](const char* word) { return type.find(word) != type.npos; };
    if (holds("INT")) return true;
    return !type.empty() && !holds("CHAR") && !holds("CLOB") && !holds("TEXT") && !holds("BLOB");
}

// The digits that read back as the same double. "18.0", not "18": a column's values keep one type.
void add_real(double value, value::Builder& out) {
    if (!std::isfinite(value)) {
        out.text(value > 0 ? "Infinity" : "-Infinity");
        return;
    }
    auto digits = fmt::format("{}", value);
    if (digits.find_first_of(".e") == digits.npos) digits += ".0";
    out.number(digits);
}

class SqliteDatabase final : public Database {
  public:
    SqliteDatabase(std::unique_ptr<sqlite3, Close> db, Limits limits) : db_(std::move(db)), limits_(limits) {
        // Asked every so many steps of SQLite's machine; a statement that is late is interrupted: transient.
        sqlite3_progress_handler(db_.get(), 10'000, &SqliteDatabase::late, this);
    }

    const Dialect& dialect() const override { return dialect_; }

    Result<std::vector<std::string>> columns(const std::string& from) override {
        TRY(auto* const statement, find("SELECT * FROM " + from + " LIMIT 0"));
        std::vector<std::string> names;
        for (int i = 0; i < sqlite3_column_count(statement); ++i) names.emplace_back(sqlite3_column_name(statement, i));
        return names;
    }

    Result<std::vector<std::string>> rounding_columns(const std::string& from) override {
        TRY(auto* const statement, find("SELECT * FROM " + from + " LIMIT 0"));
        std::vector<std::string> names;
        for (int i = 0; i < sqlite3_column_count(statement); ++i) {
            const char* const type = sqlite3_column_decltype(statement, i);
            if (rounds(type ? type : "")) names.emplace_back(sqlite3_column_name(statement, i));
        }
        return names;
    }

    Result<std::vector<Row>> query(const std::string& text, const std::vector<Parameter>& parameters) override {
        TRY(auto* const statement, find(text));
        CHECK_OK(bind(statement, parameters));
        std::vector<Row> rows;
        int code;
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) rows.push_back(read_row(statement));
        sqlite3_reset(statement);
        if (code != SQLITE_DONE) return failure(code);
        return rows;
    }

    Result<std::uint64_t> execute(const std::string& text, const std::vector<Parameter>& parameters) override {
        TRY(auto* const statement, find(text));
        CHECK_OK(bind(statement, parameters));
        int code;
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        }
        const auto failed = code == SQLITE_DONE ? std::nullopt : std::optional(failure(code));
        sqlite3_reset(statement);
        if (failed) return *failed;
        return static_cast<std::uint64_t>(sqlite3_changes(db_.get()));
    }

    Result<void> prepare(const std::string& text) override {
        TRY(std::ignore, find(text));
        return {};
    }

    // Takes the write lock at once: a lock that comes later could not be waited for.
    Result<void> begin() override { return script("BEGIN IMMEDIATE"); }
    Result<void> commit() override {
        auto done = script("COMMIT");
        if (!done) rollback();
        return done;
    }
    void rollback() override { std::ignore = script("ROLLBACK"); }  // nothing to do when there is no transaction

    // A column of a query has no affinity: a decimal must be compared as the number it is.
    std::string placeholder(std::size_t n, const Parameter& parameter) const override {
        const auto place = fmt::format("?{}", n);
        return std::holds_alternative<Decimal>(parameter) ? "CAST(" + place + " AS REAL)" : place;
    }

  private:
    using Steady = std::chrono::steady_clock;
    static int late(void* self) {
        const auto* const database = static_cast<SqliteDatabase*>(self);
        return Steady::now() > database->deadline_ ? 1 : 0;
    }

    Result<void> script(const char* text) {
        const int code = sqlite3_exec(db_.get(), text, nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) return failure(code);
        return {};
    }

    std::unexpected<Error> failure(int code) const {
        return fail(fault_of(code), fmt::format("sqlite: {}", sqlite3_errmsg(db_.get())));
    }

    Result<sqlite3_stmt*> find(const std::string& text) {
        if (const auto kept = statements_.find(text); kept != statements_.end()) return kept->second.get();
        sqlite3_stmt* raw = nullptr;
        const int code = sqlite3_prepare_v2(db_.get(), text.c_str(), static_cast<int>(text.size()), &raw, nullptr);
        Statement statement(raw);
        if (code != SQLITE_OK) return failure(code);
        if (!raw) return fail(Fault::bad_config, "sqlite: the query is empty");
        if (statements_.size() >= kKeptStatements) statements_.clear();
        return statements_.emplace(text, std::move(statement)).first->second.get();
    }

    Result<void> bind(sqlite3_stmt* statement, const std::vector<Parameter>& parameters) {
        sqlite3_clear_bindings(statement);
        deadline_ = Steady::now() + limits_.statement;
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            const int at = static_cast<int>(i) + 1;
            // Text is copied by SQLite; a decimal goes as text, which a numeric column turns into a number only when
            // that loses nothing.
            const auto text = [&](std::string_view bytes) {
                return sqlite3_bind_text64(statement, at, bytes.data(), bytes.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
            };
            const int code = std::visit(
                [&]<class T>(const T& value) {
                    if constexpr (std::is_same_v<T, std::nullptr_t>)
                        return sqlite3_bind_null(statement, at);
                    else if constexpr (std::is_same_v<T, bool>)
                        return sqlite3_bind_int(statement, at, value ? 1 : 0);
                    else if constexpr (std::is_same_v<T, std::int64_t>)
                        return sqlite3_bind_int64(statement, at, value);
                    else if constexpr (std::is_same_v<T, Decimal>)
                        return text(value.digits);
                    else
                        return text(value);
                },
                parameters[i]);
            if (code != SQLITE_OK) return failure(code);
        }
        return {};
    }

    static Row read_row(sqlite3_stmt* statement) {
        Row row;
        value::Builder out;
        out.begin_object();
        for (int i = 0; i < sqlite3_column_count(statement); ++i) {
            const char* const name = sqlite3_column_name(statement, i);
            out.key(name);
            const int type = sqlite3_column_type(statement, i);
            const auto* const data = static_cast<const char*>(
                type == SQLITE_TEXT || type == SQLITE_BLOB ? sqlite3_column_blob(statement, i) : nullptr);
            const std::string_view bytes(data, data ? static_cast<std::size_t>(sqlite3_column_bytes(statement, i)) : 0);
            if (type == SQLITE_INTEGER)
                out.integer(sqlite3_column_int64(statement, i));
            else if (type == SQLITE_FLOAT)
                add_real(sqlite3_column_double(statement, i), out);
            else if (type == SQLITE_BLOB)
                out.text(to_base64(bytes));
            else if (type == SQLITE_TEXT && value::valid_utf8(bytes))
                out.text(bytes);
            else
                out.null();
            if (type == SQLITE_TEXT && !value::valid_utf8(bytes)) {
                row.error = Error{Fault::bad_input, "the text is not UTF-8", fmt::format("column {}", name)};
            }
        }
        row.columns = out.end().take();
        return row;
    }

    std::unique_ptr<sqlite3, Close> db_;
    Limits limits_;
    Dialect dialect_;
    Steady::time_point deadline_ = Steady::time_point::max();  // of the statement that runs
    std::map<std::string, Statement> statements_;              // after db_: finalised before it closes
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path& file, Access access, Limits limits) {
    sqlite3* raw = nullptr;
    const int mode = access == Access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    const int code = sqlite3_open_v2(file.c_str(), &raw, mode | SQLITE_OPEN_FULLMUTEX, nullptr);
    std::unique_ptr<sqlite3, Close> db(raw);
    if (code != SQLITE_OK) {
        return fail(Fault::bad_config, fmt::format("sqlite: {}: {}", file.string(), sqlite3_errstr(code)));
    }
    sqlite3_busy_timeout(db.get(), kBusyMilliseconds);
    // A commit is on disk before its receipt is given.
    sqlite3_exec(db.get(), "PRAGMA synchronous=FULL", nullptr, nullptr, nullptr);
    return std::make_unique<SqliteDatabase>(std::move(db), limits);
}

}  // namespace tributary::connectors::sql

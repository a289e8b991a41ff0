// Any database with an ODBC driver, through unixODBC. What differs between databases is asked of the driver: its name
// and the quote of identifiers. Texts travel as UTF-16, so no locale can bend them.
#include <fmt/format.h>

#include <array>
#include <map>
#include <mutex>

#include "connectors/data/sql/database.hpp"
#include "connectors/data/sql/odbc_text.hpp"
#include "connectors/data/sql/odbc_value.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors::sql {

namespace {

constexpr std::size_t kKeptStatements = 64;
constexpr int kMostColumns = 4096;

struct FreeConnection {
    void operator()(void* handle) const {
        SQLDisconnect(handle);
        SQLFreeHandle(SQL_HANDLE_DBC, handle);
    }
};
struct FreeStatement {
    void operator()(void* handle) const { SQLFreeHandle(SQL_HANDLE_STMT, handle); }
};
using Connection = std::unique_ptr<void, FreeConnection>;
using Statement = std::unique_ptr<void, FreeStatement>;

// One for the process: drivers and their library belong to it.
SQLHENV environment() {
    static const SQLHENV made = [] {
        SQLHENV handle = nullptr;
        SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &handle);
        SQLSetEnvAttr(handle, SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
        return handle;
    }();
    return made;
}

SQLPOINTER number(Milliseconds time) {
    return reinterpret_cast<SQLPOINTER>(static_cast<std::uintptr_t>((time.count() + 999) / 1000));
}

Fault fault_of(std::string_view state) {
    const auto group = state.substr(0, 2);
    if (group == "22" || group == "23" || group == "21" || group == "44" || state == "07006") return Fault::bad_input;
    if (group == "28") return Fault::unauthorized;
    if (group == "42" || group == "3D" || group == "3F" || group == "0A" || group == "25" || group == "IM" ||
        group == "07") {
        return Fault::bad_config;
    }
    return Fault::transient;  // 08 connection, 40 rollback, HYT00 timeout, HY000 of the driver's own
}

// The message is told for what our own statements and the installed drivers cause; data errors quote values.
Error error_of(SQLSMALLINT kind, SQLHANDLE handle) {
    std::array<SQLCHAR, 6> state{};
    std::array<SQLCHAR, 512> message{};
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    if (!SQL_SUCCEEDED(SQLGetDiagRec(kind, handle, 1, state.data(), &native, message.data(), message.size(), &length)))
        return Error{Fault::transient, "odbc: the driver failed without a diagnosis"};
    const std::string_view code(reinterpret_cast<const char*>(state.data()), 5);
    const auto group = code.substr(0, 2);
    auto text = fmt::format("odbc: error {} ({})", code, native);
    if (code == "HYT00" || code == "HYT01") text += ": it took longer than the time allowed";
    if (group == "42" || group == "3D" || group == "IM")
        text += fmt::format(": {}", trim(std::string_view(reinterpret_cast<const char*>(message.data()))));
    return Error{fault_of(code), replace_all(text, "\n", " ")};
}

bool lost(const Error& error) {
    return error.what.starts_with("odbc: error 08");
}

class OdbcDatabase final : public Database {
  public:
    OdbcDatabase(crypto::SecretBytes connection_string, Access access, Limits limits)
        : string_(std::move(connection_string)), access_(access), limits_(limits) {}

    const Dialect& dialect() const override { return dialect_; }

    Result<void> connect() {
        if (connection_) return {};
        SQLHDBC handle = nullptr;
        if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, environment(), &handle)))
            return fail(error_of(SQL_HANDLE_ENV, environment()));
        Connection connection(handle);
        SQLSetConnectAttr(handle, SQL_ATTR_LOGIN_TIMEOUT, number(limits_.connect), 0);
        auto text = to_utf16(string_.reveal());
        if (!text) return fail(Fault::bad_config, "the credential connection_string is not UTF-8");
        const auto code =
            SQLDriverConnectW(handle, nullptr, reinterpret_cast<SQLWCHAR*>(text->data()),
                              static_cast<SQLSMALLINT>(text->size()), nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
        std::ranges::fill(*text, u'\0');
        if (!SQL_SUCCEEDED(code)) return fail(error_of(SQL_HANDLE_DBC, handle));
        connection_ = std::move(connection);
        return begin_session();
    }

    Result<std::vector<std::string>> columns(const std::string& from) override {
        TRY(const auto described, describe_rows(from));
        std::vector<std::string> names;
        for (const auto& column : described) names.push_back(column.name);
        return names;
    }
    Result<std::vector<std::string>> rounding_columns(const std::string& from) override {
        TRY(const auto described, describe_rows(from));
        std::vector<std::string> names;
        for (const auto& column : described) {
            if (column.type == SQL_REAL || column.type == SQL_FLOAT || column.type == SQL_DOUBLE)
                names.push_back(column.name);
        }
        return names;
    }

    Result<std::vector<Row>> query(const std::string& text, const std::vector<Parameter>& parameters) override {
        TRY(auto* const statement, run(text, parameters));
        TRY(const auto columns, describe(statement));
        std::vector<Row> rows;
        SQLRETURN code;
        while (SQL_SUCCEEDED(code = SQLFetch(statement))) {
            Row row;
            value::Builder out;
            out.begin_object();
            for (std::size_t i = 0; i < columns.size(); ++i) {
                out.key(columns[i].name);
                if (!read_odbc(statement, static_cast<SQLUSMALLINT>(i + 1), columns[i], out, row.error))
                    return failed(statement);
            }
            row.columns = out.end().take();
            rows.push_back(std::move(row));
        }
        if (code != SQL_NO_DATA) return failed(statement);
        SQLFreeStmt(statement, SQL_CLOSE);
        return rows;
    }

    Result<std::uint64_t> execute(const std::string& text, const std::vector<Parameter>& parameters) override {
        TRY(auto* const statement, run(text, parameters));
        SQLLEN changed = 0;
        SQLRowCount(statement, &changed);
        SQLFreeStmt(statement, SQL_CLOSE);
        return static_cast<std::uint64_t>(std::max<SQLLEN>(changed, 0));
    }

    // Many drivers look at a statement only when it is run; psqlodbc cannot describe one whose parameters are not
    // bound.
    Result<void> prepare(const std::string& text) override {
        TRY(std::ignore, find(text));
        return {};
    }

    Result<void> begin() override {
        CHECK_OK(connect());
        return automatic(false);
    }
    Result<void> commit() override {
        if (!connection_) return fail(Fault::transient, "odbc: the connection was lost");
        if (!SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, connection_.get(), SQL_COMMIT))) {
            auto error = error_of(SQL_HANDLE_DBC, connection_.get());
            if (lost(error)) error.fault = Fault::transient;
            rollback();
            return fail(std::move(error));
        }
        return automatic(true);
    }
    void rollback() override {
        if (!connection_) return;
        statements_.clear();  // psqlodbc does not run a statement again that failed before
        SQLEndTran(SQL_HANDLE_DBC, connection_.get(), SQL_ROLLBACK);
        std::ignore = automatic(true);
    }

    std::string placeholder(std::size_t, const Parameter&) const override { return "?"; }

  private:
    Result<void> automatic(bool on) {
        const auto mode = on ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF;
        if (SQL_SUCCEEDED(SQLSetConnectAttr(connection_.get(), SQL_ATTR_AUTOCOMMIT,
                                            reinterpret_cast<SQLPOINTER>(static_cast<std::uintptr_t>(mode)), 0)))
            return {};
        return fail(error_of(SQL_HANDLE_DBC, connection_.get()));
    }

    std::string info(SQLUSMALLINT what) const {
        std::array<char, 128> text{};
        SQLSMALLINT length = 0;
        SQLGetInfo(connection_.get(), what, text.data(), text.size(), &length);
        return text.data();
    }

    Result<void> begin_session() {
        const auto quote = info(SQL_IDENTIFIER_QUOTE_CHAR);
        dialect_.quote = quote.size() == 1 && quote != " " ? quote.front() : '"';
        dialect_.row_values = dialect_.on_conflict = false;
        dialect_.text_type = "VARCHAR(4000)";
        const auto product = lower_ascii(info(SQL_DBMS_NAME));
        const auto is = [&](const char* name) { return product.find(name) != product.npos; };
        const bool postgres = is("postgres"), mysql = is("mysql") || is("mariadb");
        dialect_.limit = is("microsoft") || is("adaptive")   ? Dialect::Limit::top
                         : postgres || mysql || is("sqlite") ? Dialect::Limit::limit
                                                             : Dialect::Limit::fetch_first;
        dialect_.savepoints = mysql || is("sqlite");  // psqlodbc keeps savepoints of its own
        if (mysql) dialect_.text_type = "CHAR";
        // A time limit of the session besides the statement's own, which some drivers do not keep.
        const auto ms = limits_.statement.count();
        if (postgres) {
            CHECK_OK(script("SET TimeZone='UTC'"));
            CHECK_OK(script(fmt::format("SET statement_timeout={}", ms)));
        }
        if (mysql) {
            CHECK_OK(script("SET SESSION sql_mode='TRADITIONAL', time_zone='+00:00'"));
            // MariaDB's name for it, then MySQL's.
            if (!script(fmt::format("SET SESSION max_statement_time={}.{:03}", ms / 1000, ms % 1000)))
                CHECK_OK(script(fmt::format("SET SESSION max_execution_time={}", ms)));
        }
        if (access_ == Access::read)  // a driver that knows no read-only mode ignores it
            SQLSetConnectAttr(connection_.get(), SQL_ATTR_ACCESS_MODE,
                              reinterpret_cast<SQLPOINTER>(static_cast<std::uintptr_t>(SQL_MODE_READ_ONLY)), 0);
        return {};
    }

    Result<void> script(const std::string& text) {
        TRY(std::ignore, execute(text, {}));
        return {};
    }

    std::unexpected<Error> failed(SQLHSTMT statement) {
        auto error = error_of(SQL_HANDLE_STMT, statement);
        SQLFreeStmt(statement, SQL_CLOSE);
        if (lost(error) || dead()) {
            statements_.clear();
            connection_.reset();
            error = Error{Fault::transient, "odbc: the connection was lost"};
        }
        return fail(std::move(error));
    }
    bool dead() const {
        SQLUINTEGER is_dead = SQL_CD_FALSE;
        const auto code = SQLGetConnectAttr(connection_.get(), SQL_ATTR_CONNECTION_DEAD, &is_dead, 0, nullptr);
        return SQL_SUCCEEDED(code) && is_dead == SQL_CD_TRUE;
    }

    Result<SQLHSTMT> find(const std::string& text) {
        CHECK_OK(connect());
        if (const auto kept = statements_.find(text); kept != statements_.end()) return kept->second.get();
        SQLHSTMT handle = nullptr;
        if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, connection_.get(), &handle)))
            return fail(error_of(SQL_HANDLE_DBC, connection_.get()));
        Statement statement(handle);
        SQLSetStmtAttr(handle, SQL_ATTR_QUERY_TIMEOUT, number(limits_.statement), 0);
        auto wide = to_utf16(text);
        if (!wide) return fail(Fault::bad_config, "odbc: the statement is not UTF-8");
        if (!SQL_SUCCEEDED(SQLPrepareW(handle, reinterpret_cast<SQLWCHAR*>(wide->data()),
                                       static_cast<SQLINTEGER>(wide->size())))) {
            auto error = error_of(SQL_HANDLE_STMT, handle);
            statement.reset();
            if (lost(error) || dead()) {
                statements_.clear();
                connection_.reset();
                error = Error{Fault::transient, "odbc: the connection was lost"};
            }
            return fail(std::move(error));
        }
        if (statements_.size() >= kKeptStatements) statements_.clear();
        return statements_.emplace(text, std::move(statement)).first->second.get();
    }

    Result<SQLHSTMT> run(const std::string& text, const std::vector<Parameter>& parameters) {
        TRY(auto* const statement, find(text));
        OdbcParameters bound(parameters);
        TRY(const bool taken, bound.bind(statement));
        if (!taken) return failed(statement);
        const auto code = SQLExecute(statement);
        if (!SQL_SUCCEEDED(code) && code != SQL_NO_DATA) {
            auto error = failed(statement);
            if (connection_) SQLFreeStmt(statement, SQL_RESET_PARAMS);
            return error;
        }
        SQLFreeStmt(statement, SQL_RESET_PARAMS);
        return statement;
    }

    Result<std::vector<OdbcColumn>> describe_rows(const std::string& from) {
        TRY(auto* const statement, run("SELECT * FROM " + from + " WHERE 1 = 0", {}));
        auto columns = describe(statement);
        SQLFreeStmt(statement, SQL_CLOSE);
        return columns;
    }

    Result<std::vector<OdbcColumn>> describe(SQLHSTMT statement) {
        SQLSMALLINT count = 0;
        SQLNumResultCols(statement, &count);
        if (count <= 0 || count > kMostColumns) return fail(Fault::bad_config, "odbc: the query gives no rows");
        std::vector<OdbcColumn> columns(static_cast<std::size_t>(count));
        for (SQLSMALLINT i = 0; i < count; ++i) {
            auto& column = columns[static_cast<std::size_t>(i)];
            std::array<SQLWCHAR, 513> name{};
            SQLSMALLINT length = 0, nullable = 0;
            SQLULEN size = 0;
            if (!SQL_SUCCEEDED(SQLDescribeColW(statement, static_cast<SQLUSMALLINT>(i + 1), name.data(),
                                               static_cast<SQLSMALLINT>(name.size()), &length, &column.type, &size,
                                               &column.digits, &nullable)))
                return failed(statement);
            const std::u16string wide(name.begin(), name.begin() + std::clamp<int>(length, 0, 512));
            column.name = from_utf16(wide).value_or("");
        }
        return columns;
    }

    crypto::SecretBytes string_;
    Access access_;
    Limits limits_;
    Dialect dialect_;
    Connection connection_;
    std::map<std::string, Statement> statements_;  // after connection_: freed before it
};

}  // namespace

Result<std::unique_ptr<Database>> open_odbc(const crypto::SecretBytes& connection_string, Access access,
                                            Limits limits) {
    auto database = std::make_unique<OdbcDatabase>(connection_string.clone(), access, limits);
    CHECK_OK(database->connect());
    return database;
}

}  // namespace tributary::connectors::sql

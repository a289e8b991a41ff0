// MySQL and MariaDB through libmariadb, with prepared statements: decimals as the server's digits, times as they stand
// in their columns (TIMESTAMP in UTC), floats as the shortest text that reads back. A connection that broke is made
// anew by the next call.
#include <fmt/format.h>
#include <mysql.h>

#include <array>
#include <map>

#include "connectors/data/sql/database.hpp"
#include "connectors/data/sql/mysql_value.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::connectors::sql {

namespace {

constexpr std::size_t kKeptStatements = 64;

struct Close {
    void operator()(MYSQL* connection) const { mysql_close(connection); }
    void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
    void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};
using Statement = std::unique_ptr<MYSQL_STMT, Close>;

// Parameters in the form that libmariadb sends; the views in it live as long as this.
class Bound {
  public:
    explicit Bound(const std::vector<Parameter>& parameters) : binds_(parameters.size()), integers_(parameters.size()) {
        for (std::size_t i = 0; i < parameters.size(); ++i) bind(i, parameters[i]);
    }
    MYSQL_BIND* data() { return binds_.data(); }

  private:
    void bind(std::size_t i, const Parameter& parameter) {
        auto& bind = binds_[i];
        const auto text = [&](enum_field_types type, const std::string& bytes) {
            bind.buffer_type = type;
            bind.buffer = const_cast<char*>(bytes.data());
            bind.buffer_length = bytes.size();
        };
        std::visit(
            [&]<class T>(const T& value) {
                if constexpr (std::is_same_v<T, std::nullptr_t>) {
                    bind.buffer_type = MYSQL_TYPE_NULL;
                } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::int64_t>) {
                    integers_[i] = value;
                    bind.buffer_type = MYSQL_TYPE_LONGLONG;
                    bind.buffer = &integers_[i];
                } else if constexpr (std::is_same_v<T, Decimal>) {
                    text(MYSQL_TYPE_NEWDECIMAL,
                         value.digits);  // compared as a decimal; text would be compared as a double
                } else {
                    text(MYSQL_TYPE_STRING, value);
                }
            },
            parameter);
    }
    std::vector<MYSQL_BIND> binds_;
    std::vector<long long> integers_;
};

class MysqlDatabase final : public Database {
  public:
    MysqlDatabase(MysqlServer server, crypto::SecretBytes password, Access access, Limits limits)
        : server_(std::move(server)), password_(std::move(password)), access_(access), limits_(limits) {
        dialect_.quote = '`';
        dialect_.row_values = false;  // understood, but no index serves them
        dialect_.on_conflict = false;
        dialect_.text_type = "CHAR";
    }

    const Dialect& dialect() const override { return dialect_; }

    Result<void> connect() {
        if (connection_) return {};
        connection_.reset(mysql_init(nullptr));
        set_options();
        const bool socket = server_.host.starts_with('/');
        const std::string password(password_.reveal());
        if (!mysql_real_connect(connection_.get(), socket ? nullptr : server_.host.c_str(), server_.user.c_str(),
                                password.c_str(), server_.database.c_str(), server_.port,
                                socket ? server_.host.c_str() : nullptr, CLIENT_FOUND_ROWS)) {
            auto error = failure(mysql_errno(connection_.get()), mysql_sqlstate(connection_.get()), "");
            connection_.reset();
            return error;
        }
        return begin_session();
    }

    Result<std::vector<std::string>> columns(const std::string& from) override {
        return names_of(from, [](const MYSQL_FIELD&) { return true; });
    }
    Result<std::vector<std::string>> rounding_columns(const std::string& from) override {
        return names_of(from, [](const MYSQL_FIELD& field) {
            return field.type == MYSQL_TYPE_FLOAT || field.type == MYSQL_TYPE_DOUBLE;
        });
    }

    Result<std::vector<Row>> query(const std::string& text, const std::vector<Parameter>& parameters) override {
        TRY(auto* const statement, run(text, parameters));
        const std::unique_ptr<MYSQL_RES, Close> described(mysql_stmt_result_metadata(statement));
        if (!described) return fail(Fault::bad_config, "mysql: the query gives no rows");
        MysqlRowReader reader(mysql_fetch_fields(described.get()), mysql_num_fields(described.get()));
        std::vector<Row> rows;
        if (mysql_stmt_bind_result(statement, reader.binds()) != 0 || mysql_stmt_store_result(statement) != 0) {
            return failed(statement);
        }
        int code;
        while ((code = mysql_stmt_fetch(statement)) == 0 || code == MYSQL_DATA_TRUNCATED) {
            rows.push_back(reader.read(statement));
        }
        if (code != MYSQL_NO_DATA) return failed(statement);
        mysql_stmt_free_result(statement);
        return rows;
    }

    Result<std::uint64_t> execute(const std::string& text, const std::vector<Parameter>& parameters) override {
        TRY(auto* const statement, run(text, parameters));
        const auto changed = mysql_stmt_affected_rows(statement);
        mysql_stmt_free_result(statement);
        return changed;
    }

    Result<void> prepare(const std::string& text) override {
        TRY(std::ignore, find(text));
        return {};
    }

    Result<void> begin() override {
        CHECK_OK(connect());
        return script("START TRANSACTION");
    }
    Result<void> commit() override {
        auto done = script("COMMIT");
        if (!done) rollback();
        return done;
    }
    void rollback() override {
        if (connection_) std::ignore = script("ROLLBACK");
    }

    std::string placeholder(std::size_t, const Parameter&) const override { return "?"; }

  private:
    void set_options() {
        auto* const connection = connection_.get();
        const auto set = [&](mysql_option option, const void* value) { mysql_options(connection, option, value); };
        const auto seconds = [](Milliseconds time) { return static_cast<unsigned>((time.count() + 999) / 1000); };
        const unsigned connect = seconds(limits_.connect), statement = seconds(limits_.statement) + 5;
        set(MYSQL_OPT_CONNECT_TIMEOUT, &connect);
        set(MYSQL_OPT_READ_TIMEOUT, &statement);
        set(MYSQL_OPT_WRITE_TIMEOUT, &statement);
        const unsigned never = 0;
        set(MYSQL_OPT_LOCAL_INFILE, &never);  // a server could ask for any file of ours
        const unsigned tcp = MYSQL_PROTOCOL_TCP;
        if (!server_.host.starts_with('/')) set(MYSQL_OPT_PROTOCOL, &tcp);
        set(MYSQL_SET_CHARSET_NAME, "utf8mb4");
        const bool tls = server_.tls != MysqlServer::Tls::off;
        const my_bool enforce = tls ? 1 : 0, verify = server_.tls == MysqlServer::Tls::verify ? 1 : 0;
        set(MYSQL_OPT_SSL_ENFORCE, &enforce);
        set(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
        if (!server_.ca.empty()) set(MYSQL_OPT_SSL_CA, server_.ca.c_str());
        if (!server_.certificate.empty()) set(MYSQL_OPT_SSL_CERT, server_.certificate.c_str());
        if (!server_.key.empty()) set(MYSQL_OPT_SSL_KEY, server_.key.c_str());
        // Never the password as it is, which a false server could ask for.
        mysql_optionsv(connection, MARIADB_OPT_RESTRICTED_AUTH,
                       "mysql_native_password,client_ed25519,caching_sha2_password");
    }

    Result<void> begin_session() {
        CHECK_OK(script("SET SESSION sql_mode='TRADITIONAL', time_zone='+00:00'"));
        if (access_ == Access::read) CHECK_OK(script("SET SESSION TRANSACTION READ ONLY"));
        // MariaDB's name and MySQL's, which is for SELECT alone; the socket's time-out is behind both.
        const auto* const info = mysql_get_server_info(connection_.get());
        const bool maria = std::string_view(info ? info : "").find("MariaDB") != std::string_view::npos;
        const auto ms = limits_.statement.count();
        return script(maria ? fmt::format("SET SESSION max_statement_time={}.{:03}", ms / 1000, ms % 1000)
                            : fmt::format("SET SESSION max_execution_time={}", ms));
    }

    std::unexpected<Error> failure(unsigned code, std::string_view state, std::string_view message) {
        auto text = fmt::format("mysql: error {} ({})", code, state);
        if (const auto meaning = meaning_of_mysql(code); !meaning.empty()) text += fmt::format(": {}", meaning);
        // Of a wrong statement, which holds names and no values.
        else if (!message.empty() && state.starts_with("42"))
            text += fmt::format(": {}", message);
        return fail(fault_of_mysql(code, state), std::move(text));
    }
    std::unexpected<Error> failed(MYSQL_STMT* statement) {
        const auto code = mysql_stmt_errno(statement);
        auto error = failure(code, mysql_stmt_sqlstate(statement), mysql_stmt_error(statement));
        mysql_stmt_free_result(statement);
        if (lost(code)) drop();
        return error;
    }
    static bool lost(unsigned code) { return code == 2006 || code == 2013 || code == 2055 || code == 1927; }
    void drop() {
        statements_.clear();
        connection_.reset();
    }

    Result<void> script(const std::string& text) {
        if (mysql_real_query(connection_.get(), text.c_str(), text.size()) == 0) return {};
        const auto code = mysql_errno(connection_.get());
        auto error = failure(code, mysql_sqlstate(connection_.get()), mysql_error(connection_.get()));
        if (lost(code)) drop();
        return error;
    }

    Result<MYSQL_STMT*> find(const std::string& text) {
        CHECK_OK(connect());
        if (const auto kept = statements_.find(text); kept != statements_.end()) return kept->second.get();
        Statement statement(mysql_stmt_init(connection_.get()));
        if (mysql_stmt_prepare(statement.get(), text.c_str(), text.size()) != 0) {
            const auto code = mysql_stmt_errno(statement.get());
            auto error = failure(code, mysql_stmt_sqlstate(statement.get()), mysql_stmt_error(statement.get()));
            statement.reset();
            if (lost(code)) drop();
            return error;
        }
        if (statements_.size() >= kKeptStatements) statements_.clear();
        return statements_.emplace(text, std::move(statement)).first->second.get();
    }

    Result<MYSQL_STMT*> run(const std::string& text, const std::vector<Parameter>& parameters) {
        TRY(auto* const statement, find(text));
        Bound bound(parameters);
        if (!parameters.empty() && mysql_stmt_bind_param(statement, bound.data()) != 0) return failed(statement);
        if (mysql_stmt_execute(statement) != 0) return failed(statement);
        return statement;
    }

    template <class Wanted>
    Result<std::vector<std::string>> names_of(const std::string& from, Wanted wanted) {
        TRY(auto* const statement, find("SELECT * FROM " + from + " LIMIT 0"));
        const std::unique_ptr<MYSQL_RES, Close> described(mysql_stmt_result_metadata(statement));
        std::vector<std::string> names;
        const auto* const fields = mysql_fetch_fields(described.get());
        for (unsigned i = 0; i < mysql_num_fields(described.get()); ++i) {
            if (wanted(fields[i])) names.emplace_back(fields[i].name, fields[i].name_length);
        }
        return names;
    }

    MysqlServer server_;
    crypto::SecretBytes password_;
    Access access_;
    Limits limits_;
    Dialect dialect_;
    std::unique_ptr<MYSQL, Close> connection_;
    std::map<std::string, Statement> statements_;  // after connection_: closed before it
};

}  // namespace

Result<std::unique_ptr<Database>> open_mysql(const MysqlServer& server, const crypto::SecretBytes& password,
                                             Access access, Limits limits) {
    auto database = std::make_unique<MysqlDatabase>(server, password.clone(), access, limits);
    CHECK_OK(database->connect());
    return database;
}

}  // namespace tributary::connectors::sql

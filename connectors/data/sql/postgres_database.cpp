// PostgreSQL through libpq, in text format: what the server prints is exact (numeric as its digits, float as the
// shortest text that reads back). A connection that broke is made anew by the next call.
#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <map>

#include "connectors/data/sql/database.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/number.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::connectors::sql {

namespace {

constexpr std::size_t kKeptStatements = 64;
// pg_type.h
constexpr Oid kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kOid = 26, kJson = 114, kFloat4 = 700,
              kFloat8 = 701, kNumeric = 1700, kJsonb = 3802;

struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Close>;

// SQLSTATE classes, PostgreSQL appendix A.
Fault fault_of(std::string_view state) {
    const auto group = state.substr(0, 2);
    if (group == "22" || group == "23" || group == "21" || group == "44") return Fault::bad_input;
    if (group == "28") return Fault::unauthorized;
    if (group == "42" || group == "3D" || group == "3F" || group == "0A" || group == "25") return Fault::bad_config;
    if (group == "XX") return Fault::internal;
    return Fault::transient;  // 08 connection, 40 rollback, 53 resources, 55 locks, 57 shutdown, 58 system
}

// Statements come from configuration, so class 42 may be quoted; data errors are named by code and column alone.
std::unexpected<Error> failure(const PGresult* answer) {
    const auto field = [&](int code) {
        const char* const text = PQresultErrorField(answer, code);
        return std::string_view(text ? text : "");
    };
    const auto state = field(PG_DIAG_SQLSTATE);
    auto text = fmt::format("postgres: error {}", state.empty() ? "without a code" : state);
    if (state.starts_with("42") || state.starts_with("3D")) text += fmt::format(": {}", field(PG_DIAG_MESSAGE_PRIMARY));
    constexpr std::array<std::pair<int, const char*>, 3> kNames = {
        {{PG_DIAG_TABLE_NAME, "table"}, {PG_DIAG_COLUMN_NAME, "column"}, {PG_DIAG_CONSTRAINT_NAME, "constraint"}}};
    for (const auto& [code, name] : kNames) {
        if (!field(code).empty()) text += fmt::format(", {} {}", name, field(code));
    }
    return fail(fault_of(state), std::move(text));
}

void add_value(Oid type, std::string_view text, value::Builder& out) {
    switch (type) {
        case kBool:
            out.boolean(text == "t");
            return;
        case kBytea:
            out.text(to_base64(from_hex(text.substr(std::min<std::size_t>(2, text.size()))).value_or("")));
            return;
        case kInt2:
        case kInt4:
        case kInt8:
        case kOid:
        case kFloat4:
        case kFloat8:
        case kNumeric:
            // NaN and Infinity are no JSON numbers.
            value::is_json_number(text) ? out.number(text) : out.text(text);
            return;
        case kJson:
        case kJsonb:
            if (const auto document = value::parse_json(text)) {
                out.copy(document->root());
                return;
            }
            break;
        default:
            break;
    }
    out.text(text);
}

class PostgresDatabase final : public Database {
  public:
    PostgresDatabase(crypto::SecretBytes dsn, Access access, Limits limits)
        : dsn_(std::move(dsn)), access_(access), limits_(limits) {}

    const Dialect& dialect() const override { return dialect_; }

    Result<void> connect() {
        if (connection_ && PQstatus(connection_.get()) == CONNECTION_OK) return {};
        statements_.clear();
        connection_.reset(PQconnectdb(std::string(dsn_.reveal()).c_str()));
        if (PQstatus(connection_.get()) != CONNECTION_OK) {
            auto what = fmt::format("postgres: {}", trim(PQerrorMessage(connection_.get())));
            const bool refused =
                PQconnectionNeedsPassword(connection_.get()) || PQconnectionUsedPassword(connection_.get());
            connection_.reset();
            return fail(refused && what.find("authentication") != what.npos ? Fault::unauthorized : Fault::transient,
                        replace_all(what, "\n", " "));
        }
        const char* const kSession = access_ == Access::read
                                         ? "SET client_encoding='UTF8'; SET TimeZone='UTC'; SET DateStyle='ISO'; SET "
                                           "bytea_output='hex'; SET default_transaction_read_only=on"
                                         : "SET client_encoding='UTF8'; SET TimeZone='UTC'; SET DateStyle='ISO'; SET "
                                           "bytea_output='hex'";
        const Answer answer(PQexec(connection_.get(), kSession));
        if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) return failed(answer.get());
        return script(fmt::format("SET statement_timeout={}", limits_.statement.count()).c_str());
    }

    Result<std::vector<std::string>> columns(const std::string& from) override {
        TRY(const auto answer, run("SELECT * FROM " + from + " LIMIT 0", {}));
        std::vector<std::string> names;
        for (int i = 0; i < PQnfields(answer.get()); ++i) names.emplace_back(PQfname(answer.get(), i));
        return names;
    }

    Result<std::vector<std::string>> rounding_columns(const std::string& from) override {
        TRY(const auto answer, run("SELECT * FROM " + from + " LIMIT 0", {}));
        std::vector<std::string> names;
        for (int i = 0; i < PQnfields(answer.get()); ++i) {
            const auto type = PQftype(answer.get(), i);
            if (type == kFloat4 || type == kFloat8) names.emplace_back(PQfname(answer.get(), i));
        }
        return names;
    }

    Result<std::vector<Row>> query(const std::string& statement, const std::vector<Parameter>& parameters) override {
        TRY(const auto answer, run(statement, parameters));
        std::vector<Row> rows;
        for (int i = 0; i < PQntuples(answer.get()); ++i) rows.push_back(read_row(answer.get(), i));
        return rows;
    }

    Result<std::uint64_t> execute(const std::string& statement, const std::vector<Parameter>& parameters) override {
        TRY(const auto answer, run(statement, parameters));
        return static_cast<std::uint64_t>(to_integer(PQcmdTuples(answer.get())).value_or(0));
    }

    // Planned too, though never run: a missing unique index shows only then.
    Result<void> prepare(const std::string& statement) override {
        const auto explained = "EXPLAIN " + statement;
        TRY(const auto name, find(explained));
        const Answer described(PQdescribePrepared(connection_.get(), name.c_str()));
        const std::vector<Parameter> nulls(static_cast<std::size_t>(PQnparams(described.get())), nullptr);
        TRY(std::ignore, run(explained, nulls));
        return {};
    }

    Result<void> begin() override {
        CHECK_OK(connect());
        return script("BEGIN");
    }
    Result<void> commit() override {
        auto done = script("COMMIT");
        if (!done) rollback();
        return done;
    }
    void rollback() override { std::ignore = script("ROLLBACK"); }  // a broken connection has rolled back by itself

    std::string placeholder(std::size_t n, const Parameter&) const override { return fmt::format("${}", n); }

  private:
    // A connection that the server closed is dropped at once, whatever libpq thinks of it: the next call makes another.
    std::unexpected<Error> failed(const PGresult* answer) {
        const char* const state = answer ? PQresultErrorField(answer, PG_DIAG_SQLSTATE) : nullptr;
        auto error = failure(answer);
        if (!state || std::string_view(state).starts_with("57P") || std::string_view(state).starts_with("08")) {
            error.error().what = "postgres: the connection was lost";
            error.error().fault = Fault::transient;
            connection_.reset();
        }
        return error;
    }

    Result<void> script(const char* text) {
        const Answer answer(PQexec(connection_.get(), text));
        if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) return failed(answer.get());
        return {};
    }

    Result<std::string> find(const std::string& statement) {
        CHECK_OK(connect());
        if (const auto kept = statements_.find(statement); kept != statements_.end()) return kept->second;
        if (statements_.size() >= kKeptStatements) {
            const Answer dropped(PQexec(connection_.get(), "DEALLOCATE ALL"));
            if (PQresultStatus(dropped.get()) != PGRES_COMMAND_OK) return failed(dropped.get());
            statements_.clear();
        }
        auto name = fmt::format("s{}", ++prepared_);
        const Answer answer(PQprepare(connection_.get(), name.c_str(), statement.c_str(), 0, nullptr));
        if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) return failed(answer.get());
        return statements_.emplace(statement, std::move(name)).first->second;
    }

    Result<Answer> run(const std::string& statement, const std::vector<Parameter>& parameters) {
        TRY(const auto name, find(statement));
        std::vector<std::optional<std::string>> texts;
        for (const auto& parameter : parameters) {
            texts.push_back(std::visit(
                []<class T>(const T& value) -> std::optional<std::string> {
                    if constexpr (std::is_same_v<T, std::nullptr_t>)
                        return std::nullopt;
                    else if constexpr (std::is_same_v<T, bool>)
                        return value ? "true" : "false";
                    else if constexpr (std::is_same_v<T, std::int64_t>)
                        return std::to_string(value);
                    else if constexpr (std::is_same_v<T, Decimal>)
                        return value.digits;
                    else
                        return value;
                },
                parameter));
            if (texts.back() && texts.back()->find('\0') != std::string::npos) {
                return fail(Fault::bad_input, "postgres: a text with a NUL character cannot be stored");
            }
        }
        std::vector<const char*> values;
        for (const auto& text : texts) values.push_back(text ? text->c_str() : nullptr);
        Answer answer(PQexecPrepared(connection_.get(), name.c_str(), static_cast<int>(values.size()), values.data(),
                                     nullptr, nullptr, 0));
        const auto status = PQresultStatus(answer.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return failed(answer.get());
        return answer;
    }

    static Row read_row(const PGresult* answer, int at) {
        Row row;
        value::Builder out;
        out.begin_object();
        for (int i = 0; i < PQnfields(answer); ++i) {
            out.key(PQfname(answer, i));
            const std::string_view text(PQgetvalue(answer, at, i),
                                        static_cast<std::size_t>(PQgetlength(answer, at, i)));
            if (PQgetisnull(answer, at, i)) {
                out.null();
            } else if (!value::valid_utf8(text)) {  // a database in SQL_ASCII holds anything
                out.null();
                row.error =
                    Error{Fault::bad_input, "the text is not UTF-8", fmt::format("column {}", PQfname(answer, i))};
            } else {
                add_value(PQftype(answer, i), text, out);
            }
        }
        row.columns = out.end().take();
        return row;
    }

    crypto::SecretBytes dsn_;
    Access access_;
    Limits limits_;
    Dialect dialect_;
    std::unique_ptr<PGconn, Close> connection_;
    std::map<std::string, std::string> statements_;
    std::uint64_t prepared_ = 0;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const crypto::SecretBytes& dsn, Access access, Limits limits) {
    // libpq's own words about a DSN that it cannot read would quote it.
    PQconninfoOption* const parts = PQconninfoParse(std::string(dsn.reveal()).c_str(), nullptr);
    if (!parts) {
        return fail(Fault::bad_config, "the dsn cannot be read: host=... dbname=... or postgresql://... was expected");
    }
    PQconninfoFree(parts);
    auto database = std::make_unique<PostgresDatabase>(dsn.clone(), access, limits);
    CHECK_OK(database->connect());
    return database;
}

}  // namespace tributary::connectors::sql

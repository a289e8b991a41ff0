#include "gateway/store/postgres/postgres_link.hpp"

#include <fmt/format.h>

#include <array>

#include "gateway/base/text.hpp"
#include "gateway/store/postgres/postgres_store.hpp"

namespace tributary::store {
namespace {

// A peer that went away without a word is noticed within 15 s; what the dsn says of these counts more.
constexpr std::array<std::pair<const char*, const char*>, 9> kDefaults{{{"connect_timeout", "5"},
                                                                        {"keepalives", "1"},
                                                                        {"keepalives_idle", "5"},
                                                                        {"keepalives_interval", "3"},
                                                                        {"keepalives_count", "3"},
                                                                        {"tcp_user_timeout", "10000"},
                                                                        {"application_name", "tributary"},
                                                                        {"client_encoding", "UTF8"},
                                                                        {"target_session_attrs", "read-write"}}};

// SQLSTATE classes, PostgreSQL appendix A.
Fault fault_of_state(std::string_view state) {
    const auto group = state.substr(0, 2);
    if (state == "25006") return Fault::transient;  // a standby: the one that took over is somewhere else
    if (group == "23") return Fault::conflict;
    if (group == "22") return Fault::bad_input;
    if (group == "28" || group == "3D" || group == "3F" || state == "42501") return Fault::bad_config;
    if (group == "08" || group == "40" || group == "53" || group == "55" || group == "57" || group == "58")
        return Fault::transient;
    return Fault::internal;
}

std::string_view field(const PGresult* answer, int code) {
    const char* const text = answer ? PQresultErrorField(answer, code) : nullptr;
    return text ? text : "";
}

bool went_well(const PGresult* answer) {
    const auto status = PQresultStatus(answer);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

}  // namespace

Result<void> check_dsn(const std::string& dsn) {
    PQconninfoOption* const parts = PQconninfoParse(dsn.c_str(), nullptr);
    // libpq's own words about a dsn that it cannot read would quote it.
    if (!parts)
        return fail(Fault::bad_config, "the dsn cannot be read: host=... dbname=... or postgresql://... was expected");
    PQconninfoFree(parts);
    return {};
}

Result<void> PostgresLink::connect() {
    if (alive()) return {};
    CHECK_OK(check_dsn(dsn_));
    std::vector<const char*> names, values;
    for (const auto& [name, value] : kDefaults) {
        names.push_back(name);
        values.push_back(value);
    }
    names.insert(names.end(), {"dbname", nullptr});
    values.insert(values.end(), {dsn_.c_str(), nullptr});
    connection_.reset(PQconnectdbParams(names.data(), values.data(), 1));
    if (alive()) {
        ++session_;
        PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
        by_name_ = wanted_ != NamedStatements::never;
        if (wanted_ == NamedStatements::automatic) {
            TRY(const bool between, pooled());
            by_name_ = !between;
        }
        return {};
    }
    // Host, user and database at most: no password is ever in it.
    const auto what = replace_all(trim(PQerrorMessage(connection_.get())), "\n", " ");
    const bool ours = what.contains("authentication failed") || what.contains("no password supplied") ||
                      what.contains("does not exist") || what.contains("pg_hba.conf");
    connection_.reset();
    return fail(ours ? Fault::bad_config : Fault::transient, "the database cannot be reached: " + what);
}

// A pooler hands out numbers of its own, by which requests are cancelled: they are not of the process that answers.
Result<bool> PostgresLink::pooled() {
    TRY(const auto answer, script("SELECT pg_backend_pid()"));
    return to_integer(PQgetvalue(answer.get(), 0, 0)) != PQbackendPID(connection_.get());
}

PGTransactionStatusType PostgresLink::transaction() const {
    return alive() ? PQtransactionStatus(connection_.get()) : PQTRANS_UNKNOWN;
}

// A connection that the server closed is dropped at once, whatever libpq thinks of it.
std::unexpected<Error> PostgresLink::failed(const PGresult* answer) {
    const auto state = std::string(field(answer, PG_DIAG_SQLSTATE));
    const bool lost = !alive() || state.empty() || state.starts_with("57P") || state.starts_with("08");
    if (lost) {
        drop();
        return fail(Fault::transient, state.empty()
                                          ? std::string("the connection to the database was lost")
                                          : fmt::format("the connection to the database was lost ({})", state));
    }
    auto what = fmt::format("database: error {}", state);
    // Those of class 22 and 23 may quote values.
    if (!state.starts_with("22") && !state.starts_with("23"))
        what += fmt::format(": {}", field(answer, PG_DIAG_MESSAGE_PRIMARY));
    for (const auto& [code, name] :
         {std::pair(PG_DIAG_TABLE_NAME, "table"), std::pair(PG_DIAG_CONSTRAINT_NAME, "constraint")}) {
        if (const auto text = field(answer, code); !text.empty()) what += fmt::format(", {} {}", name, text);
    }
    return fail(fault_of_state(state), std::move(what));
}

Result<PostgresAnswer> PostgresLink::script(const std::string& sql) {
    if (!alive()) return failed(nullptr);
    PostgresAnswer answer(PQexec(connection_.get(), sql.c_str()));
    if (!went_well(answer.get())) return failed(answer.get());
    return answer;
}

Result<void> PostgresLink::begin_copy(const std::string& sql) {
    if (!alive()) return failed(nullptr);
    const PostgresAnswer answer(PQexec(connection_.get(), sql.c_str()));
    if (PQresultStatus(answer.get()) != PGRES_COPY_IN) return failed(answer.get());
    return {};
}

Result<void> PostgresLink::put_copy(std::string_view rows) {
    if (!alive() || PQputCopyData(connection_.get(), rows.data(), static_cast<int>(rows.size())) != 1)
        return failed(nullptr);
    return {};
}

Result<void> PostgresLink::finish_copy() {
    if (!alive() || PQputCopyEnd(connection_.get(), nullptr) != 1) return failed(nullptr);
    Result<void> outcome;
    while (const PostgresAnswer answer{PQgetResult(connection_.get())})
        if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) outcome = failed(answer.get());
    return outcome;
}

Result<PostgresShape*> PostgresLink::prepare(const char* sql) {
    auto& shape = shapes_[sql];
    if (shape.name.empty()) {
        shape.statement = postgres_statement(sql);
        shape.name = fmt::format("s{}", shapes_.size());
    }
    CHECK_OK(introduce(shape));
    return &shape;
}

Result<void> PostgresLink::introduce(PostgresShape& shape) {
    if (!alive()) return failed(nullptr);
    if (by_name_ ? shape.session == session_ : shape.described) return {};
    const char* const name = by_name_ ? shape.name.c_str() : "";
    const PostgresAnswer prepared(PQprepare(connection_.get(), name, shape.statement.sql.c_str(), 0, nullptr));
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) return failed(prepared.get());
    if (by_name_) shape.session = session_;
    if (shape.described) return {};
    const PostgresAnswer described(PQdescribePrepared(connection_.get(), name));
    if (PQresultStatus(described.get()) != PGRES_COMMAND_OK) return failed(described.get());
    for (int i = 0; i < PQnparams(described.get()); ++i) shape.types.push_back(PQparamtype(described.get(), i));
    shape.described = true;
    return {};
}

Result<PostgresAnswer> PostgresLink::run(PostgresShape& shape, const PostgresValues& values) {
    CHECK_OK(introduce(shape));
    const auto count = static_cast<int>(values.data.size());
    PostgresAnswer answer(by_name_
                              ? PQexecPrepared(connection_.get(), shape.name.c_str(), count, values.data.data(),
                                               values.lengths.data(), values.formats.data(), 1)
                              : PQexecParams(connection_.get(), shape.statement.sql.c_str(), count, shape.types.data(),
                                             values.data.data(), values.lengths.data(), values.formats.data(), 1));
    if (!went_well(answer.get())) return failed(answer.get());
    return answer;
}

// In a transaction even an unnamed statement lasts until the next one: its text travels once.
bool PostgresLink::send_all(PostgresShape& shape, const PostgresRuns& runs) {
    auto* const to = connection_.get();
    if (PQenterPipelineMode(to) != 1) return false;
    const auto count = static_cast<int>(shape.types.size());
    if (!by_name_ && PQsendPrepare(to, "", shape.statement.sql.c_str(), count, shape.types.data()) != 1) return false;
    PostgresValues values;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        runs.read(i, values);
        if (PQsendQueryPrepared(to, by_name_ ? shape.name.c_str() : "", count, values.data.data(),
                                values.lengths.data(), values.formats.data(), 1) != 1)
            return false;
    }
    return PQpipelineSync(to) == 1;
}

Result<std::vector<PostgresAnswer>> PostgresLink::run_all(PostgresShape& shape, const PostgresRuns& runs) {
    CHECK_OK(introduce(shape));
    const bool sent = send_all(shape, runs);
    std::vector<PostgresAnswer> answers;
    answers.reserve(runs.size());
    PostgresAnswer wrong;
    std::size_t expected = runs.size() + (by_name_ ? 0 : 1);
    for (; sent && expected > 0; --expected) {
        PostgresAnswer answer(PQgetResult(connection_.get()));
        if (!answer) break;
        while (alive() && PostgresAnswer(PQgetResult(connection_.get()))) {
        }
        const bool well = went_well(answer.get());
        if (!wrong && !well) wrong = std::move(answer);
        if (!alive()) break;
        if (well && expected <= runs.size()) answers.push_back(std::move(answer));
    }
    const PostgresAnswer synced(expected == 0 && sent ? PQgetResult(connection_.get()) : nullptr);
    const bool over = PQresultStatus(synced.get()) == PGRES_PIPELINE_SYNC && PQexitPipelineMode(connection_.get()) == 1;
    if (wrong) {
        auto told = failed(wrong.get());
        if (!over) drop();
        return told;
    }
    if (over) return answers;
    drop();
    return failed(nullptr);
}

}  // namespace tributary::store

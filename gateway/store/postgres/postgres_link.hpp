// PostgresLink: one session of libpq, made anew when it was lost. It knows SQLSTATEs and how values travel; it knows no
// tables. Errors name the code, and the server's words only where these cannot quote a value. Used by one thread at a
// time.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/store/postgres/dialect.hpp"
#include "gateway/store/postgres/named_statements.hpp"
#include "gateway/store/postgres/postgres_values.hpp"

namespace tributary::store {

struct ClearPostgres {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* answer) const { PQclear(answer); }
};
using PostgresAnswer = std::unique_ptr<PGresult, ClearPostgres>;

// A statement as the server knows it.
struct PostgresShape {
    PostgresStatement statement;
    std::string name;
    std::vector<Oid> types;  // of the parameters
    bool described = false;
    std::uint64_t session = 0;  // in which it was prepared by its name
};

class PostgresLink {
  public:
    // A connection string of libpq.
    explicit PostgresLink(std::string dsn, NamedStatements named = NamedStatements::automatic)
        : dsn_(std::move(dsn)), wanted_(named) {}

    // bad_config: the dsn, who we are, or a database that is not there. transient: nobody answers.
    Result<void> connect();
    bool alive() const { return connection_ && PQstatus(connection_.get()) == CONNECTION_OK; }
    void drop() { connection_.reset(); }
    PGTransactionStatusType transaction() const;

    // Statements without parameters; the answer of the last.
    Result<PostgresAnswer> script(const std::string& sql);
    // Rows for "COPY ... FROM STDIN" in text form, in pieces; finish_copy() says whether they were taken.
    Result<void> begin_copy(const std::string& sql);
    Result<void> put_copy(std::string_view rows);
    Result<void> finish_copy();
    // Kept for good: the texts of the tables are few. REQUIRES: a transaction.
    Result<PostgresShape*> prepare(const char* sql);
    // As prepared in this session, which may be another than the one it was prepared in first.
    Result<PostgresAnswer> run(PostgresShape& shape, const PostgresValues& values);
    // All runs in one round trip; an answer for each, or the error of the first that failed.
    Result<std::vector<PostgresAnswer>> run_all(PostgresShape& shape, const PostgresRuns& runs);

  private:
    Result<void> introduce(PostgresShape& shape);
    Result<bool> pooled();
    bool send_all(PostgresShape& shape, const PostgresRuns& runs);
    std::unexpected<Error> failed(const PGresult* answer);

    const std::string dsn_;
    const NamedStatements wanted_;
    bool by_name_ = true;
    std::unique_ptr<PGconn, ClearPostgres> connection_;
    std::uint64_t session_ = 0;
    std::unordered_map<std::string, PostgresShape> shapes_;
};

}  // namespace tributary::store

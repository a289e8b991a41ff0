// BarePostgres: a PostgreSQL database as hand-written code uses it: one connection of libpq, prepared statements, all
// of a transaction sent in one pipeline and awaited once. Any error ends the bench. One thread at a time.
#pragma once

#include <fmt/format.h>
#include <libpq-fe.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/bare_writer.hpp"
#include "tests/bench/mapping_baseline.hpp"

namespace bench {

class BarePostgres {
  public:
    // Parameters: numbers as text, everything else as the bytes it is.
    struct Value {
        Value(std::int64_t number) : text(std::to_string(number)) {}
        Value(std::string_view data) : bytes(data), binary(true) {}
        std::string text;
        std::string_view bytes;
        bool binary = false;
    };

    explicit BarePostgres(const std::string& dsn) : connection_(PQconnectdb(dsn.c_str())) {
        if (PQstatus(connection_) != CONNECTION_OK) fail();
        execute("SET client_min_messages = warning");
    }
    ~BarePostgres() { PQfinish(connection_); }
    BarePostgres(const BarePostgres&) = delete;
    BarePostgres& operator=(const BarePostgres&) = delete;

    void execute(const char* sql) {
        PGresult* const answer = PQexec(connection_, sql);
        if (PQresultStatus(answer) != PGRES_COMMAND_OK && PQresultStatus(answer) != PGRES_TUPLES_OK) fail();
        PQclear(answer);
    }
    void prepare(const char* name, const char* sql) {
        PGresult* const answer = PQprepare(connection_, name, sql, 0, nullptr);
        if (PQresultStatus(answer) != PGRES_COMMAND_OK) fail();
        PQclear(answer);
    }
    void begin() {
        if (PQenterPipelineMode(connection_) != 1) fail();
        text("BEGIN");
    }
    void send(const char* name, std::initializer_list<Value> values) {
        std::vector<const char*> data;
        std::vector<int> lengths, formats;
        for (const auto& value : values) {
            data.push_back(value.binary ? value.bytes.data() : value.text.c_str());
            lengths.push_back(static_cast<int>(value.bytes.size()));
            formats.push_back(value.binary);
        }
        if (PQsendQueryPrepared(connection_, name, static_cast<int>(values.size()), data.data(), lengths.data(),
                                formats.data(), 1) != 1)
            fail();
        ++sent_;
    }
    // How many rows were changed since begin().
    std::size_t commit() {
        text("COMMIT");
        if (PQpipelineSync(connection_) != 1) fail();
        std::size_t changed = 0;
        for (; sent_ > 0; --sent_) {
            PGresult* const answer = PQgetResult(connection_);
            if (PQresultStatus(answer) != PGRES_COMMAND_OK) fail();
            changed += static_cast<std::size_t>(std::atoll(PQcmdTuples(answer)));
            PQclear(answer);
            PQclear(PQgetResult(connection_));
        }
        PQclear(PQgetResult(connection_));
        if (PQexitPipelineMode(connection_) != 1) fail();
        return changed;
    }

  private:
    void text(const char* sql) {
        if (PQsendQueryParams(connection_, sql, 0, nullptr, nullptr, nullptr, nullptr, 1) != 1) fail();
        ++sent_;
    }
    [[noreturn]] void fail() const {
        fmt::print(stderr, "baseline: {}\n", PQerrorMessage(connection_));
        std::exit(1);
    }
    PGconn* connection_;
    std::size_t sent_ = 0;
};

// The inbox of a hand-written webhook server.
class PostgresInbox {
  public:
    explicit PostgresInbox(const std::string& dsn) : db_(dsn) {
        db_.execute(
            "DROP TABLE IF EXISTS bare_seen, bare_inbox; "
            "CREATE TABLE bare_seen (connection bigint, key bytea, at bigint, PRIMARY KEY (connection, key)); "
            "CREATE TABLE bare_inbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, connection bigint, at "
            "bigint, "
            "key bytea, topic text, headers bytea, body bytea)");
        db_.prepare("put",
                    "WITH fresh AS (INSERT INTO bare_seen VALUES (1, $1, $2) ON CONFLICT DO NOTHING RETURNING 1) "
                    "INSERT INTO bare_inbox (connection, at, key, topic, headers, body) "
                    "SELECT 1, $2, $1, $3, $4, $5 FROM fresh");
    }
    void commit(std::span<const Put> puts) {
        db_.begin();
        for (const auto& [client, entry] : puts)
            db_.send("put", {std::string_view(reinterpret_cast<const char*>(entry.dedup_key.data()), 32),
                             std::int64_t{entry.received_at.time_since_epoch().count()}, std::string_view(entry.topic),
                             std::string_view(entry.headers), std::string_view(entry.body)});
        db_.commit();
    }

  private:
    BarePostgres db_;
};

// The bare loop of a sync: the order mapper written by hand, an upsert for each record that writes nothing when the
// hash is the same, a checkpoint, one pipeline for each page.
class BarePostgresSync {
  public:
    explicit BarePostgresSync(const std::string& dsn) : db_(dsn), mapper_(false) {
        db_.execute(
            "DROP TABLE IF EXISTS bare_record, bare_checkpoint; "
            "CREATE TABLE bare_record (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, external_id text NOT NULL "
            "UNIQUE, hash bigint NOT NULL, version bigint NOT NULL, document bytea NOT NULL); "
            "CREATE TABLE bare_checkpoint (stream text PRIMARY KEY, cursor bigint NOT NULL)");
        db_.prepare("put",
                    "INSERT INTO bare_record (external_id, hash, version, document) VALUES ($1, $2, 1, $3) ON CONFLICT "
                    "(external_id) DO UPDATE SET hash = excluded.hash, version = bare_record.version + 1, "
                    "document = excluded.document WHERE bare_record.hash <> excluded.hash");
        db_.prepare("checkpoint",
                    "INSERT INTO bare_checkpoint VALUES ('orders', $1) ON CONFLICT (stream) DO UPDATE SET cursor = "
                    "excluded.cursor");
    }
    // All lines, a transaction for each `page`. Returns how many records were written.
    std::size_t run(std::span<const std::string_view> lines, std::size_t page) {
        std::size_t written = 0;
        for (std::size_t from = 0; from < lines.size(); from += page) {
            const auto end = std::min(lines.size(), from + page);
            db_.begin();
            for (std::size_t i = from; i < end; ++i) take(lines[i], 5000000000000 + i);
            db_.send("checkpoint", {static_cast<std::int64_t>(end)});
            written += db_.commit() - 1;  // the checkpoint's row
        }
        return written;
    }

  private:
    void take(std::string_view line, std::uint64_t id) {
        mapped_.clear();
        if (!mapper_.map(line, mapped_)) {
            fmt::print(stderr, "baseline: an order was not mapped\n");
            std::exit(1);
        }
        const auto document = std::string_view(mapped_).substr(0, mapped_.find('\n'));
        const auto hash = static_cast<std::int64_t>(std::hash<std::string_view>{}(document));
        const auto key = std::to_string(id);
        db_.send("put", {std::string_view(key), hash, document});
    }
    BarePostgres db_;
    Baseline mapper_;
    std::string mapped_;
};

}  // namespace bench

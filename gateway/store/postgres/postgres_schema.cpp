#include "gateway/store/postgres/postgres_schema.hpp"

#include <fmt/format.h>

#include <span>

#include "gateway/base/text.hpp"
#include "gateway/store/postgres/attempt_days.hpp"
#include "gateway/store/postgres/dialect.hpp"
#include "gateway/store/postgres/locks.hpp"
#include "gateway/store/postgres/postgres_link.hpp"
#include "gateway/store/sql/schema.hpp"

namespace tributary::store {
namespace {

// Functions of SQLite that the tables' SQL uses.
constexpr const char* kFunctions = R"(
CREATE FUNCTION zeroblob(size integer) RETURNS bytea LANGUAGE sql IMMUTABLE AS
    $$ SELECT decode(repeat('00', size), 'hex') $$;
CREATE FUNCTION json_extract(document text, path text) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT document::json #>> string_to_array(substr(path, 3), '.') $$;
CREATE FUNCTION json_remove(document text, VARIADIC paths text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
    $$ DECLARE path text; made jsonb := document::jsonb;
    BEGIN
        FOREACH path IN ARRAY paths LOOP made := made #- string_to_array(substr(path, 3), '.'); END LOOP;
        RETURN made::text;
    END $$;
CREATE FUNCTION json_set(document text, path text, value text) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT jsonb_set(document::jsonb, string_to_array(substr(path, 3), '.'), to_jsonb(value))::text $$;
)";

// Whose turn the last write was; how many commits each connection made (see postgres_connection.hpp); how far an import
// is (import.hpp); and room for the rows that change all the time. The server's defaults let dead rows pile up to a
// fifth of a table.
constexpr const char* kOwn = R"(
CREATE TABLE store_turn (id integer PRIMARY KEY CHECK (id = 1), node bytea NOT NULL) WITH (fillfactor = 20);
INSERT INTO store_turn VALUES (1, '');
CREATE TABLE store_node (node bytea PRIMARY KEY, commits bigint NOT NULL, seen_at bigint NOT NULL) WITH (fillfactor = 20);
CREATE TABLE store_import (id integer PRIMARY KEY CHECK (id = 1), source text NOT NULL, finished boolean NOT NULL);
CREATE TABLE store_import_table (name text PRIMARY KEY, rows bigint NOT NULL);
ALTER TABLE inbox_work ADD COLUMN owner text COLLATE "C" NOT NULL DEFAULT '';

ALTER TABLE lane SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0);
ALTER TABLE item SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0);
ALTER TABLE inbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0);
ALTER TABLE inbox_work SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0);
ALTER TABLE counter SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE source_record SET (fillfactor = 85);
)";

// Steps of the tables that stand before kOwn, and before kAttemptDays: those that a new program adds come behind them.
constexpr std::size_t kBeforeOwn = 11, kBeforeDays = 12;

Result<std::int64_t> number(PostgresLink& link, const std::string& sql) {
    TRY(const auto answer, link.script(sql));
    if (PQntuples(answer.get()) == 0) return 0;
    return to_integer(PQgetvalue(answer.get(), 0, 0)).value_or(0);
}

Result<void> check_server(PostgresLink& link, Log& log) {
    TRY(const auto version, number(link, "SELECT current_setting('server_version_num')"));
    if (version < 130'000) return fail(Fault::bad_config, "PostgreSQL 13 or newer is needed");
    TRY(const auto encoding, link.script("SELECT getdatabaseencoding()"));
    if (PQgetvalue(encoding.get(), 0, 0) != std::string_view("UTF8"))
        return fail(Fault::bad_config, "the database must have the encoding UTF8");
    TRY(const auto sync, link.script("SHOW fsync"));
    if (PQgetvalue(sync.get(), 0, 0) == std::string_view("off"))
        log.warn("store.fsync_off", {{"meaning", "a crash of the server's machine can lose what was promised"}});
    return {};
}

Result<std::size_t> version_of(PostgresLink& link) {
    TRY(const auto there, number(link, "SELECT (to_regclass('store_version') IS NOT NULL)::int"));
    if (there == 0) return 0;
    TRY(const auto version, number(link, "SELECT version FROM store_version"));
    return static_cast<std::size_t>(version);
}

Result<void> newer(std::size_t version, std::size_t known) {
    return fail(
        Fault::bad_config,
        fmt::format("the database has schema version {}, this program knows up to {}: run the newer program, or "
                    "restore the dump made before the upgrade",
                    version, known));
}

// Under a lock that ends with the transaction: of several processes one does the step, the rest see it done.
Result<void> apply_step(PostgresLink& link, std::size_t version) {
    CHECK_OK(link.script(fmt::format(
        "BEGIN; SELECT pg_advisory_xact_lock({}); CREATE TABLE IF NOT EXISTS store_version (version bigint NOT NULL)",
        kSchemaLock)));
    TRY(const auto now, version_of(link));
    if (now == version) {
        CHECK_OK(link.script(postgres_steps()[version]));
        CHECK_OK(
            link.script(fmt::format("DELETE FROM store_version; INSERT INTO store_version VALUES ({})", version + 1)));
    }
    CHECK_OK(link.script("COMMIT"));
    return {};
}

}  // namespace

const std::vector<std::string>& postgres_steps() {
    static const auto made = [] {
        std::vector<std::string> steps{kFunctions};
        const auto tables = migrations();
        for (std::size_t n = 0; n < tables.size(); ++n) {
            steps.push_back(postgres_schema(tables[n]));
            if (n + 1 == kBeforeOwn) steps.emplace_back(kOwn);
            if (n + 1 == kBeforeDays) steps.emplace_back(kAttemptDays);
        }
        return steps;
    }();
    return made;
}

Result<void> migrate_postgres(PostgresLink& link, Log& log) {
    CHECK_OK(check_server(link, log));
    const auto known = postgres_steps().size();
    TRY(auto version, version_of(link));
    if (version > known) return newer(version, known);
    while (version < known) {
        auto done = apply_step(link, version);
        if (!done) {
            std::ignore = link.script("ROLLBACK");  // the first error is told
            return pass(std::move(done), fmt::format("migration to schema version {}", version + 1));
        }
        TRY(version, version_of(link));
        if (version > known) return newer(version, known);
    }
    return {};
}

}  // namespace tributary::store

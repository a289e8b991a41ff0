#include "tests/integration/connectors/postgres_server.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <cstdio>

#include "connectors/data/sql/database.hpp"
#include "connectors/data/sql/sql.hpp"
#include "tests/unit/connectors/fixture.hpp"

using namespace tributary;
using connectors::sql::Access;
using test::pull_all;

namespace {

// One server for a test case, or a line that says why there is none.
std::optional<std::filesystem::path> binaries() {
    auto found = test::postgres_binaries();
    if (!found) std::puts("SKIPPED: PostgreSQL is not installed (package postgresql)");
    return found;
}

class Tables {
  public:
    Tables(const std::string& dsn, const std::vector<std::string>& statements) {
        auto opened = connectors::sql::open_postgres(crypto::SecretBytes(dsn), Access::write);
        if (!opened) FAIL(opened.error().text());
        database_ = std::move(*opened);
        for (const auto& statement : statements) run(statement);
    }
    void run(const std::string& statement) {
        const auto done = database_->execute(statement, {});
        if (!done) FAIL(done.error().text());
    }
    std::string rows(const std::string& query) {
        const auto found = database_->query(query, {});
        if (!found) FAIL(found.error().text());
        std::string out;
        for (const auto& row : *found) out += value::to_json(row.columns.root()) + '\n';
        return out;
    }

  private:
    std::unique_ptr<connectors::sql::Database> database_;
};

std::unique_ptr<connector::Connector> make(test::World& world, const std::string& dsn, const std::string& settings) {
    world.credentials["dsn"] = dsn;
    auto made = connectors::make_sql(world.setup("{\"type\":\"postgres\"," + settings + "}"));
    if (!made) FAIL(made.error().text());
    return std::move(*made);
}

Error problem_of(test::World& world, connector::Connector& connector) {
    const auto checked = run::run_blocking(world.loop, connector.check());
    return checked ? Error{Fault::internal, "none"} : checked.error();
}

std::string push(test::World& world, connector::Connector& connector, const std::vector<std::string>& records,
                 bool deleted = false) {
    std::vector<connector::Push> items;
    for (const auto& record : records) items.push_back({"k", test::json(record), {}, deleted});
    std::string out;
    for (const auto& outcome : run::run_blocking(world.loop, connector.sink()->push("put", std::move(items)))) {
        out += outcome.result ? (outcome.result->already_applied ? "there" : "done") : outcome.result.error().text();
        out += '\n';
    }
    return out;
}

}  // namespace

TEST_CASE("every PostgreSQL type arrives exactly", "[postgres]") {
    const auto found = binaries();
    if (!found) return;
    test::PostgresServer server(*found);
    test::World world;
    Tables tables(server.dsn(),
                  {"CREATE TABLE t (id int PRIMARY KEY, b bigint, n numeric, f float8, r real, y boolean, s text, x "
                   "bytea, j jsonb, "
                   "d date, z timestamptz, a int[])",
                   "INSERT INTO t VALUES (1, 9223372036854775807, 12345678901234567890.123456789, 0.1, 1e10, true, "
                   "'Käse', '\\x00ff', "
                   "'{\"k\": [1, 2.50]}', '2024-02-29', '2024-01-01 12:00:00+02', '{1,2}')",
                   "INSERT INTO t VALUES (2, -1, 'NaN', 'Infinity', 0.5, false, '', '', '\"x\"', NULL, NULL, NULL)",
                   "INSERT INTO t (id, n) VALUES (3, 12.50)"});
    auto connector = make(world, server.dsn(), R"("streams":{"t":{"table":"public.t","key":"id"}})");
    CHECK(problem_of(world, *connector).what == "none");
    connector::Cursor cursor;
    CHECK(
        pull_all(world, *connector, "t", cursor) ==
        R"(1 {"id":1,"b":9223372036854775807,"n":12345678901234567890.123456789,"f":0.1,"r":1e+10,"y":true,"s":"Käse","x":"AP8=","j":{"k":[1,2.50]},"d":"2024-02-29","z":"2024-01-01 10:00:00+00","a":"{1,2}"}
2 {"id":2,"b":-1,"n":"NaN","f":"Infinity","r":0.5,"y":false,"s":"","x":"","j":"x","d":null,"z":null,"a":null}
3 {"id":3,"b":null,"n":12.50,"f":null,"r":null,"y":null,"s":null,"x":null,"j":null,"d":null,"z":null,"a":null}
)");
}

TEST_CASE("PostgreSQL rows of equal time are never skipped, children and look-back included", "[postgres]") {
    const auto found = binaries();
    if (!found) return;
    test::PostgresServer server(*found);
    test::World world;
    Tables tables(
        server.dsn(),
        {"CREATE TABLE orders (id text PRIMARY KEY, at timestamptz, total numeric)",
         "CREATE TABLE \"Order Lines\" (\"order\" text, n int, sku text)",
         "INSERT INTO orders SELECT 'o' || i, '2024-01-01 00:00:00.123456+00', i FROM generate_series(10, 20) i",
         "INSERT INTO \"Order Lines\" SELECT 'o' || i, k, 'sku' || k FROM generate_series(10, 20) i, "
         "generate_series(2, 1, -1) k",
         "INSERT INTO orders VALUES ('none', NULL, 0)"});
    auto connector =
        make(world, server.dsn(), R"("streams":{"o":{"table":"orders","key":"id","cursor":"at","lookback":"1m","page":3,
        "children":{"lines":{"table":"Order Lines","foreign_key":"order","order_by":["n"],"columns":["sku"]}}},
        "q":{"query":"SELECT id, at AS \"Changed At\" FROM orders WHERE total > 15","key":"id","cursor":"Changed At","page":2}})");
    CHECK(problem_of(world, *connector).what == "none");
    connector::Cursor cursor;
    const auto all = pull_all(world, *connector, "o", cursor);
    CHECK(std::ranges::count(all, '\n') == 12);
    CHECK(all.starts_with(
        "none {\"id\":\"none\",\"at\":null,\"total\":0,\"lines\":[]}\no10 {\"id\":\"o10\",\"at\":\"2024-01-01 "
        "00:00:00.123456+00\",\"total\":10,\"lines\":[{\"order\":\"o10\",\"sku\":\"sku1\"},{\"order\":\"o10\",\"sku\":"
        "\"sku2\"}]}\n"));
    tables.run(
        "INSERT INTO orders VALUES ('late', '2023-12-31 23:59:30+00', 1), ('early', '2023-12-31 23:58:00+00', 1)");
    const auto again = pull_all(world, *connector, "o", cursor);
    CHECK(again.find("\nlate {") != again.npos);
    CHECK(again.find("early") == again.npos);
    CHECK(std::ranges::count(again, '\n') == 13);
    connector::Cursor of_query;
    CHECK(std::ranges::count(pull_all(world, *connector, "q", of_query), '\n') == 5);
    CHECK(pull_all(world, *connector, "q", of_query).empty());
    const auto fetched = run::run_blocking(world.loop, connector->source()->fetch("q", "o17"));
    REQUIRE(fetched);
    CHECK(fetched->external_id == "o17");
}

TEST_CASE("PostgreSQL upserts, deletes and refuses a record alone without quoting it", "[postgres]") {
    const auto found = binaries();
    if (!found) return;
    test::PostgresServer server(*found);
    test::World world;
    Tables tables(
        server.dsn(),
        {"CREATE TABLE c (id int PRIMARY KEY, name text UNIQUE, n numeric(6,2), f float8, y boolean, j jsonb, "
         "born date CHECK (born > '1900-01-01'))"});
    auto connector = make(world, server.dsn(), R"("actions":{"put":{"table":"c","key":"id"}})");
    CHECK(problem_of(world, *connector).what == "none");
    CHECK(push(world, *connector,
               {R"({"id":1,"name":"a'; --","n":1234.56,"y":true,"j":{"k":[1]},"born":"2000-02-29"})",
                R"({"id":2,"f":0.1})"}) == "done\ndone\n");
    CHECK(push(world, *connector,
               {R"({"id":1,"name":"b"})", R"({"id":"secret","name":"x"})", R"({"id":3,"name":"b"})",
                R"({"id":4,"n":123456})", R"({"id":5,"born":"1800-01-01"})", R"({"id":6,"f":0.12345678901234567})",
                R"({"id":7,"name":"a\u0000b"})", R"({"id":8,"name":"h"})"}) == R"(done
postgres: error 22P02
postgres: error 23505, table c, constraint c_name_key
postgres: error 22003
postgres: error 23514, table c, constraint c_born_check
column f would round this decimal: declare it as text (SQLite) or numeric (the others)
postgres: a text with a NUL character cannot be stored
done
)");
    CHECK(tables.rows("SELECT id, name, n, y, j, born FROM c ORDER BY id") ==
          R"({"id":1,"name":"b","n":1234.56,"y":true,"j":{"k":[1]},"born":"2000-02-29"}
{"id":2,"name":null,"n":null,"y":null,"j":null,"born":null}
{"id":8,"name":"h","n":null,"y":null,"j":null,"born":null}
)");
    CHECK(push(world, *connector, {R"({"id":1})", R"({"id":99})"}, true) == "done\nthere\n");
    CHECK(tables.rows("SELECT count(*) FROM c") == "{\"count\":2}\n");
}

TEST_CASE("PostgreSQL settings that do not fit are named, a broken connection is made anew", "[postgres]") {
    const auto found = binaries();
    if (!found) return;
    test::PostgresServer server(*found);
    test::World world;
    Tables(server.dsn(), {"CREATE TABLE t (id int PRIMARY KEY, other int)", "INSERT INTO t VALUES (1, 1)"});
    const auto wrong = [&](const char* settings) {
        return problem_of(world, *make(world, server.dsn(), settings)).text();
    };
    CHECK(wrong(R"("streams":{"s":{"table":"none","key":"id"}})") ==
          "stream s: postgres: error 42P01: relation \"none\" does not exist");
    CHECK(wrong(R"("streams":{"s":{"table":"t","key":"idd"}})") == "stream s: there is no column idd, but id");
    CHECK(wrong(R"("actions":{"a":{"table":"t","key":"other"}})") ==
          "action a: postgres: error 42P10: there is no unique or exclusion constraint matching the ON CONFLICT "
          "specification");
    const auto unreadable =
        problem_of(world, *make(world, "hunter2 is my password", R"("streams":{"s":{"table":"t","key":"id"}})"));
    CHECK(unreadable.fault == Fault::bad_config);
    CHECK(unreadable.what.find("hunter2") == std::string::npos);

    auto connector = make(world, server.dsn(), R"("streams":{"s":{"table":"t","key":"id"}})");
    CHECK(test::pull(world, *connector, "s", {}).records.size() == 1);
    server.stop();
    const auto down = run::run_blocking(world.loop, connector->source()->pull("s", {}));
    REQUIRE(!down);
    CHECK(down.error().fault == Fault::transient);
    server.start();
    CHECK(test::pull(world, *connector, "s", {}).records.size() == 1);
}

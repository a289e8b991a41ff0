// Reading: rows and their pages, cursors, children, and the settings that say so.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/unit/connectors/sql_tables.hpp"

using namespace tributary;
using test::problem_of;
using test::pull_all;
using test::sql_connector;
using test::Tables;

TEST_CASE("every SQLite type arrives exactly", "[sql]") {
    test::World world;
    Tables tables(world.directory,
                  {"CREATE TABLE t (id INTEGER PRIMARY KEY, v)",
                   "INSERT INTO t VALUES (1, 9223372036854775807), (2, 0.1), (3, 18.0), (4, 1e300),"
                   " (5, 'Käse \"x\"'), (6, X'00FF'), (7, NULL), (8, 1e999), (9, -1.5e-7), (10, '12.50')"});
    auto connector = sql_connector(world, R"({"path":"shop.db","streams":{"t":{"table":"t","key":"id"}}})");
    connector::Cursor cursor;
    CHECK(pull_all(world, *connector, "t", cursor) ==
          "1 {\"id\":1,\"v\":9223372036854775807}\n2 {\"id\":2,\"v\":0.1}\n3 {\"id\":3,\"v\":18.0}\n4 "
          "{\"id\":4,\"v\":1e+300}\n"
          "5 {\"id\":5,\"v\":\"Käse \\\"x\\\"\"}\n6 {\"id\":6,\"v\":\"AP8=\"}\n7 {\"id\":7,\"v\":null}\n"
          "8 {\"id\":8,\"v\":\"Infinity\"}\n9 {\"id\":9,\"v\":-1.5e-07}\n10 {\"id\":10,\"v\":\"12.50\"}\n");
    CHECK(cursor.json.empty());
}

TEST_CASE("pages follow each other without gap or repeat, whatever their size", "[sql]") {
    for (const int page : {1, 2, 3, 7, 100}) {
        test::World world;
        Tables tables(world.directory, {"CREATE TABLE t (a TEXT, b INTEGER, PRIMARY KEY (a, b))"});
        std::string expected;
        for (const auto* a : {"a", "a:b", "b%"}) {
            for (int b = 0; b < 5; ++b) {
                tables.run(fmt::format("INSERT INTO t VALUES ('{}', {})", a, b));
                const std::string escaped = std::string_view(a) == "a:b"  ? "a%3Ab"
                                            : std::string_view(a) == "b%" ? "b%25"
                                                                          : a;
                expected += fmt::format("{}:{} {{\"a\":\"{}\",\"b\":{}}}\n", escaped, b, a, b);
            }
        }
        auto connector = sql_connector(
            world,
            fmt::format(R"({{"path":"shop.db","streams":{{"t":{{"table":"t","key":["a","b"],"page":{}}}}}}})", page));
        connector::Cursor cursor;
        CHECK(pull_all(world, *connector, "t", cursor) == expected);
        CHECK(pull_all(world, *connector, "t", cursor) == expected);
    }
}

TEST_CASE("rows of equal time are never skipped and a second run reads only what is new", "[sql]") {
    test::World world;
    Tables tables(world.directory,
                  {"CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT)",
                   "INSERT INTO t VALUES (1,'2024-01-01'),(2,'2024-01-01'),(3,'2024-01-01'),(4,'2023-12-31')"});
    auto connector = sql_connector(
        world,
        R"({"path":"shop.db","streams":{"t":{"table":"t","key":"id","cursor":"at","page":2,"columns":["id"]}}})");
    connector::Cursor cursor;
    const auto ids = [&] {
        std::string out;
        std::istringstream lines(pull_all(world, *connector, "t", cursor));
        for (std::string line; std::getline(lines, line);) out += line.substr(0, line.find(' ')) + ' ';
        return out;
    };
    CHECK(ids() == "4 1 2 3 ");
    CHECK(ids().empty());
    tables.run("INSERT INTO t VALUES (5,'2024-01-01'), (6,'2024-01-02')");
    CHECK(ids() == "5 6 ");
    tables.run("UPDATE t SET at = '2024-01-03' WHERE id = 1");
    CHECK(ids() == "1 ");
    tables.run("INSERT INTO t VALUES (7, NULL), (8, NULL), (9, NULL)");
    CHECK(ids() == "7 8 9 ");
    CHECK(ids() == "7 8 9 ");
}

TEST_CASE("a look-back reads rows again that were committed late", "[sql]") {
    test::World world;
    Tables tables(world.directory,
                  {"CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT, n INTEGER)",
                   "INSERT INTO t VALUES (1,'2024-01-01T00:00:00Z',100),(2,'2024-01-01T00:10:00Z',200)"});
    auto connector = sql_connector(world, R"({"path":"shop.db","streams":{
        "times":{"table":"t","key":"id","cursor":"at","lookback":"5m"},"numbers":{"table":"t","key":"id","cursor":"n","lookback":50}}})");
    connector::Cursor times, numbers;
    pull_all(world, *connector, "times", times);
    pull_all(world, *connector, "numbers", numbers);
    tables.run("INSERT INTO t VALUES (3,'2024-01-01T00:06:00Z',160),(4,'2024-01-01T00:04:00Z',140)");
    for (int again = 0; again < 2; ++again) {
        for (auto* const name : {"times", "numbers"}) {
            const auto rows = pull_all(world, *connector, name, std::string_view(name) == "times" ? times : numbers);
            INFO(rows);
            CHECK(rows.find("3 {") == 0);
            CHECK(rows.find("\n2 {") != rows.npos);
            CHECK(rows.find("4 {") == rows.npos);
            CHECK(rows.find("1 {") == rows.npos);
        }
    }
}

TEST_CASE("the first page tells how many rows there are, and rows without a key are not silent", "[sql]") {
    test::World world;
    Tables tables(world.directory,
                  {"CREATE TABLE t (k TEXT, v TEXT)", "INSERT INTO t VALUES ('a','1'),(NULL,'2'),('b','3'),('','4')"});
    auto connector = sql_connector(world, R"({"path":"shop.db","streams":{"t":{"table":"t","key":"k","page":2}}})");
    const auto first = test::pull(world, *connector, "t", {});
    CHECK(first.total == 3);
    CHECK(!first.last);
    CHECK(test::text_of(first) ==
          "a {\"k\":\"a\",\"v\":\"1\"}\n! rows without a key: 1 rows have no value in a key column (k) and cannot be "
          "read\n"
          "! a row without a key: key column k has no value\n");
    const auto second = test::pull(world, *connector, "t", first.cursor);
    CHECK(!second.total);
    CHECK(test::text_of(second) == "b {\"k\":\"b\",\"v\":\"3\"}\n");
}

TEST_CASE("children are put into their row, for a whole page at once", "[sql]") {
    test::World world;
    Tables tables(
        world.directory,
        {"CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT)",
         "CREATE TABLE \"Order Details\" (order_id INTEGER, line INTEGER, product INTEGER, price NUMERIC)",
         "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT)",
         "INSERT INTO orders VALUES (1,'x'),(2,'y'),(3,'z')", "INSERT INTO products VALUES (7,'Tea'),(8,'Cup')",
         "INSERT INTO \"Order Details\" VALUES (2,2,8,1.5),(1,1,7,18.0),(2,1,7,3),(9,1,7,0)"});
    auto connector =
        sql_connector(world, R"({"path":"shop.db","streams":{"orders":{"table":"orders","key":"id","page":2,"children":{
        "lines":{"table":"Order Details","foreign_key":"order_id","order_by":["line"],"skip":["line"],"children":{
            "article":{"table":"products","foreign_key":"id","parent":"product","single":true,"columns":["name"]}}}}}}})");
    CHECK(problem_of(world, *connector).empty());
    connector::Cursor cursor;
    CHECK(pull_all(world, *connector, "orders", cursor) ==
          R"(1 {"id":1,"customer":"x","lines":[{"order_id":1,"product":7,"price":18,"article":{"id":7,"name":"Tea"}}]}
2 {"id":2,"customer":"y","lines":[{"order_id":2,"product":7,"price":3,"article":{"id":7,"name":"Tea"}},{"order_id":2,"product":8,"price":1.5,"article":{"id":8,"name":"Cup"}}]}
3 {"id":3,"customer":"z","lines":[]}
)");
    const auto fetched = run::run_blocking(world.loop, connector->source()->fetch("orders", "3"));
    REQUIRE(fetched);
    CHECK(fetched->json == R"({"id":3,"customer":"z","lines":[]})");
    CHECK(run::run_blocking(world.loop, connector->source()->fetch("orders", "4")).error().fault == Fault::not_found);
}

TEST_CASE("a query is a stream like a table", "[sql]") {
    test::World world;
    Tables tables(world.directory,
                  {"CREATE TABLE t (id INTEGER PRIMARY KEY, n REAL)", "INSERT INTO t VALUES (1,0.1),(2,0.2),(3,0.3)"});
    auto connector = sql_connector(
        world,
        R"({"path":"shop.db","streams":{"q":{"query":"SELECT id AS number, n * 10 AS amount FROM t WHERE id > 1;","key":"number","cursor":"amount","page":1}}})");
    CHECK(problem_of(world, *connector).empty());
    connector::Cursor cursor;
    CHECK(pull_all(world, *connector, "q", cursor) ==
          "2 {\"number\":2,\"amount\":2.0}\n3 {\"number\":3,\"amount\":3.0}\n");
    CHECK(pull_all(world, *connector, "q", cursor).empty());
    const auto fetched = run::run_blocking(world.loop, connector->source()->fetch("q", "2"));
    REQUIRE(fetched);
    CHECK(fetched->external_id == "2");
}

TEST_CASE("text that is not UTF-8 breaks its row alone", "[sql]") {
    test::World world;
    Tables tables(world.directory, {"CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)",
                                    "INSERT INTO t VALUES (1,'ok'),(2,CAST(X'FF' AS TEXT)),(3,'ok')"});
    auto connector = sql_connector(world, R"({"path":"shop.db","streams":{"t":{"table":"t","key":"id"}}})");
    connector::Cursor cursor;
    CHECK(pull_all(world, *connector, "t", cursor) ==
          "1 {\"id\":1,\"v\":\"ok\"}\n3 {\"id\":3,\"v\":\"ok\"}\n! row 2: column v: the text is not UTF-8\n");
}

TEST_CASE("settings that do not fit the database are named before anything runs", "[sql]") {
    test::World world;
    Tables tables(world.directory, {"CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT)"});
    const auto stream = [&](const char* text) {
        return problem_of(world,
                          *sql_connector(world, fmt::format(R"({{"path":"shop.db","streams":{{"s":{{{}}}}}}})", text)));
    };
    CHECK(stream(R"("table":"orders","key":"id")").empty());
    CHECK(stream(R"("table":"order","key":"id")") == "stream s: sqlite: no such table: order");
    CHECK(stream(R"("table":"orders","key":"ident")") == "stream s: there is no column ident");
    CHECK(stream(R"("table":"orders","key":"id","skip":["custmer"])") ==
          "stream s: there is no column custmer, but customer");
    CHECK(stream(R"("table":"orders","key":"id\" --")") == "stream s: there is no column id\" --");
    CHECK(stream(R"("query":"SELEC 1","key":"id")") == "stream s: sqlite: near \"1\": syntax error");
    CHECK(stream(R"("table":"orders","key":"id","children":{"customer":{"table":"orders","foreign_key":"id"}})") ==
          "stream s: children.customer: the parent has a column of this name: skip it or rename the child");
    CHECK(problem_of(world, *sql_connector(world, R"({"path":"none.db","streams":{"s":{"table":"t","key":"id"}}})"))
              .ends_with("none.db: unable to open database file"));
    CHECK(problem_of(
              world,
              *sql_connector(world, R"({"path":"shop.db","actions":{"put":{"table":"orders","key":"customer"}}})")) ==
          "action put: sqlite: ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint");
}

TEST_CASE("all problems of the settings are told at once", "[sql]") {
    test::World world;
    const auto made = connectors::make_sql(world.setup(R"({"type":"oracle","stream":{},
        "streams":{"s":{"table":"t","query":"q","page":0,"look_back":"5m"}},"actions":{"a":{"key":"id","mode":"replace"}}})"));
    REQUIRE(!made);
    CHECK(made.error().fault == Fault::bad_config);
    CHECK(made.error().what == R"(settings: type must be one of sqlite, postgres, mysql, odbc
settings: path is missing: the SQLite file
settings.streams.s: one of table and query is needed
settings.streams.s: key is missing: the column or columns that make a row unique
settings.streams.s: page must be a whole number from 1 to 10000
settings.streams.s: look_back is not known, lookback is
settings.actions.a: table is missing
settings.actions.a: mode must be one of upsert, insert
settings: stream is not known, streams is)");
}

TEST_CASE("a saved cursor of another shape is refused, not misread", "[sql]") {
    test::World world;
    Tables tables(world.directory, {"CREATE TABLE t (id INTEGER PRIMARY KEY)"});
    auto connector = sql_connector(world, R"({"path":"shop.db","streams":{"t":{"table":"t","key":"id"}}})");
    for (const auto* cursor : {R"({"nulls":false,"null_key":[],"after":[1,2]})", "[]", R"({"null_key":[1,2]})"}) {
        const auto page = run::run_blocking(world.loop, connector->source()->pull("t", {cursor}));
        REQUIRE(!page);
        CHECK(page.error().fault == Fault::bad_config);
    }
    CHECK(run::run_blocking(world.loop, connector->source()->pull("u", {})).error().what ==
          "there is no stream u; settings.streams has t");
}

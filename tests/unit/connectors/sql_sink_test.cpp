// Writing: records become rows.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/contract/connector/any_engine.hpp"
#include "tests/unit/connectors/sql_tables.hpp"

using namespace tributary;
using test::problem_of;
using test::sql_connector;
using test::Tables;

namespace {

connector::Push item(std::string_view record, bool deleted = false) {
    return {.idempotency_key = "k", .record = test::json(record), .remote_id = std::nullopt, .deleted = deleted};
}

std::vector<connector::Sink::Outcome> push(test::World& world, connector::Connector& connector,
                                           std::vector<connector::Push> items) {
    return run::run_blocking(world.loop, connector.sink()->push("put", std::move(items)));
}

}  // namespace

TEST_CASE("records are inserted, updated and deleted by their key", "[sql]") {
    test::World world;
    Tables tables(
        world.directory,
        {"CREATE TABLE c (id TEXT PRIMARY KEY, name TEXT, amount NUMERIC, exact TEXT, active INTEGER, tags TEXT)"});
    auto connector = sql_connector(world, R"({"path":"shop.db","actions":{"put":{"table":"c","key":"id"}}})");
    CHECK(problem_of(world, *connector).empty());
    CHECK(connector->source() == nullptr);
    auto outcomes = push(world, *connector, [] {
        std::vector<connector::Push> items;
        items.push_back(item(R"({"id":"1","name":"x'); DROP TABLE c; --","amount":12.50,"active":true,"tags":["a"]})"));
        items.push_back(item(R"({"id":"2","exact":12345678901234567.89})"));
        return items;
    }());
    REQUIRE(outcomes.size() == 2);
    REQUIRE(outcomes[0].result);
    CHECK(outcomes[0].result->remote_id == "1");
    CHECK(tables.rows("SELECT * FROM c ORDER BY id") ==
          "{\"id\":\"1\",\"name\":\"x'); DROP TABLE c; "
          "--\",\"amount\":12.5,\"exact\":null,\"active\":1,\"tags\":\"[\\\"a\\\"]\"}\n"
          "{\"id\":\"2\",\"name\":null,\"amount\":null,\"exact\":\"12345678901234567.89\",\"active\":null,\"tags\":"
          "null}\n");
    // Only what the record has is changed.
    std::vector<connector::Push> more;
    more.push_back(item(R"({"id":"1","name":"y"})"));
    more.push_back(item(R"({"id":"2"})", true));
    more.push_back({.idempotency_key = "k", .record = test::json("{}"), .remote_id = "9", .deleted = true});
    outcomes = push(world, *connector, std::move(more));
    REQUIRE(outcomes[1].result);
    CHECK(!outcomes[1].result->already_applied);
    REQUIRE(outcomes[2].result);
    CHECK(outcomes[2].result->already_applied);
    CHECK(tables.rows("SELECT id, name, active FROM c") == "{\"id\":\"1\",\"name\":\"y\",\"active\":1}\n");
}

TEST_CASE("a decimal is refused where it would be rounded", "[sql]") {
    test::World world;
    Tables tables(world.directory, {"CREATE TABLE c (id INTEGER PRIMARY KEY, n NUMERIC, r REAL, t VARCHAR(30), u)"});
    auto connector = sql_connector(world, R"({"path":"shop.db","actions":{"put":{"table":"c","key":"id"}}})");
    std::vector<connector::Push> items;
    for (const auto* column : {"n", "r", "t", "u", "n"}) {
        const auto* const digits = items.size() < 4 ? "1234567890.123456" : "0.00123456789012345e5";
        items.push_back(item(fmt::format(R"({{"id":{},"{}":{}}})", items.size(), column, digits)));
    }
    const auto outcomes = push(world, *connector, std::move(items));
    std::string told;
    for (const auto& outcome : outcomes) told += outcome.result ? "kept " : "refused ";
    CHECK(told == "refused refused kept kept kept ");
    CHECK(tables.rows("SELECT t, u, n FROM c ORDER BY id") ==
          "{\"t\":\"1234567890.123456\",\"u\":null,\"n\":null}\n{\"t\":null,\"u\":\"1234567890.123456\",\"n\":null}\n"
          "{\"t\":null,\"u\":null,\"n\":123.456789012345}\n");
}

TEST_CASE("a record that the table refuses fails alone", "[sql]") {
    test::World world;
    Tables tables(world.directory, {"CREATE TABLE c (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"});
    auto connector = sql_connector(world, R"({"path":"shop.db","actions":{"put":{"table":"c","key":"id"}}})");
    std::vector<connector::Push> items;
    for (const auto* record : {R"({"id":1,"name":"a"})", R"({"id":2,"name":null})", R"({"id":3,"name":"a"})",
                               R"({"id":4,"nam":"d"})", R"({"name":"e"})", R"([1])", R"({"id":7,"name":"g"})"}) {
        items.push_back(item(record));
    }
    const auto outcomes = push(world, *connector, std::move(items));
    std::string told;
    for (const auto& outcome : outcomes) told += (outcome.result ? "ok" : outcome.result.error().text()) + '\n';
    CHECK(told == R"(ok
sqlite: NOT NULL constraint failed: c.name
sqlite: UNIQUE constraint failed: c.name
the table has no column nam, but name
the record has no id, a key column
the record must be an object
ok
)");
    for (const auto& outcome : outcomes) CHECK((outcome.result || outcome.result.error().fault == Fault::bad_input));
    CHECK(tables.rows("SELECT * FROM c") == "{\"id\":1,\"name\":\"a\"}\n{\"id\":7,\"name\":\"g\"}\n");
}

TEST_CASE("insert mode leaves a row that is there as it is", "[sql]") {
    test::World world;
    Tables tables(world.directory,
                  {"CREATE TABLE c (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO c VALUES (1,'first')"});
    auto connector =
        sql_connector(world, R"({"path":"shop.db","actions":{"put":{"table":"c","key":"id","mode":"insert"}}})");
    std::vector<connector::Push> items;
    items.push_back(item(R"({"id":1,"name":"second"})"));
    const auto outcomes = push(world, *connector, std::move(items));
    REQUIRE(outcomes[0].result);
    CHECK(outcomes[0].result->already_applied);
    CHECK(tables.rows("SELECT name FROM c") == "{\"name\":\"first\"}\n");
}

TEST_CASE("a database that cannot be opened fails the whole batch", "[sql]") {
    test::World world;
    Tables tables(world.directory, {"CREATE TABLE c (id INTEGER PRIMARY KEY)"});
    auto connector = sql_connector(world, R"({"path":"gone.db","actions":{"put":{"table":"c","key":"id"}}})");
    std::vector<connector::Push> items;
    items.push_back(item(R"({"id":1})"));
    items.push_back(item(R"({"id":2})"));
    const auto outcomes = push(world, *connector, std::move(items));
    REQUIRE(outcomes.size() == 2);
    CHECK(outcomes[1].result.error().fault == Fault::bad_config);
}

TEST_CASE("what waited too long is not written", "[sql]") {
    test::World world;
    Tables tables(world.directory, {"CREATE TABLE c (id TEXT PRIMARY KEY, name TEXT)"});
    auto connector = sql_connector(world, R"({"path":"shop.db","actions":{"put":{"table":"c","key":"id"}}})");
    contract::refuse_late(world.loop, *connector, "put", {item(R"({"id":"1"})"), item(R"({"id":"2"})")});
    CHECK(tables.rows("SELECT * FROM c").empty());
    CHECK(push(world, *connector, {item(R"({"id":"1"})")}).front().result);
}

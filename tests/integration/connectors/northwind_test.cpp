#include <catch2/catch.hpp>

#include <cstdio>

#include "connectors/data/sql/sql.hpp"
#include "tests/fakes/shared_data.hpp"
#include "tests/unit/connectors/fixture.hpp"

using namespace tributary;

namespace {

constexpr auto* kStreams = R"({"path":"northwind.db","streams":{
    "customers":{"table":"Customers","key":"CustomerID","page":40},
    "employees":{"table":"Employees","key":"EmployeeID","skip":["Photo"]},
    "products":{"table":"Products","key":"ProductID","children":{
        "category":{"table":"Categories","foreign_key":"CategoryID","parent":"CategoryID","single":true,"skip":["Picture"]}}},
    "orders":{"table":"Orders","key":"OrderID","cursor":"OrderDate","page":100,"children":{
        "lines":{"table":"Order Details","foreign_key":"OrderID","order_by":["ProductID"]}}}}})";

}  // namespace

TEST_CASE("Northwind arrives whole, orders with their lines", "[sql]") {
    const auto script = test::shared_data("northwind.sql");
    if (!std::filesystem::exists(script)) {
        std::puts("SKIPPED: northwind.sql is not there");
        return;
    }
    test::World world;
    // Without the fsync of each of its thousands of statements.
    const auto command = std::string("(echo 'PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF;'; cat ") +
                         script.string() + ") | sqlite3 " + (world.directory.path() / "northwind.db").string() +
                         " >/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
    auto made = connectors::make_sql(world.setup(kStreams));
    REQUIRE(made);
    const auto checked = run::run_blocking(world.loop, (*made)->check());
    if (!checked) FAIL(checked.error().text());

    const auto count = [&](const char* stream, connector::Cursor& cursor, std::size_t* lines = nullptr) {
        std::size_t records = 0;
        for (;;) {
            const auto page = test::pull(world, **made, stream, cursor);
            for (const auto& broken : page.broken) FAIL(broken.error.text());
            records += page.records.size();
            for (const auto& record : page.records) {
                const auto document = test::json(record.json);
                if (lines) *lines += document.root().find("lines").size();
            }
            cursor = page.cursor;
            if (page.last) return records;
        }
    };
    connector::Cursor customers, employees, products, orders;
    std::size_t lines = 0;
    CHECK(count("customers", customers) == 93);
    CHECK(count("employees", employees) == 9);
    CHECK(count("products", products) == 77);
    CHECK(count("orders", orders, &lines) == 830);
    CHECK(lines == 2155);
    CHECK(count("orders", orders) == 0);
}

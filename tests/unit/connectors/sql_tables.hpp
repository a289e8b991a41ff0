// An SQLite file and the connector over it, for the tests of the sql connector.
#pragma once

#include <catch2/catch.hpp>

#include "connectors/data/sql/database.hpp"
#include "connectors/data/sql/sql.hpp"
#include "tests/unit/connectors/fixture.hpp"

namespace tributary::test {

// An SQLite file that statements can be run on.
class Tables {
  public:
    Tables(const Directory& directory, const std::vector<std::string>& statements) {
        directory.write("shop.db", "");
        auto opened = connectors::sql::open_sqlite(directory.path() / "shop.db", connectors::sql::Access::write);
        REQUIRE(opened);
        database_ = std::move(*opened);
        for (const auto& statement : statements) run(statement);
    }
    void run(const std::string& statement) {
        const auto done = database_->execute(statement, {});
        if (!done) FAIL(done.error().text());
    }
    // The rows as JSON, one a line.
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

inline std::unique_ptr<connector::Connector> sql_connector(World& world, std::string_view settings) {
    auto made = connectors::make_sql(world.setup(settings));
    if (!made) FAIL(made.error().text());
    return std::move(*made);
}

inline std::string problem_of(World& world, connector::Connector& connector) {
    const auto checked = run::run_blocking(world.loop, connector.check());
    return checked ? "" : checked.error().text();
}

}  // namespace tributary::test

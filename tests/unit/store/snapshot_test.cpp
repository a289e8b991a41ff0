#include "gateway/store/sqlite/sqlite_snapshot.hpp"

#include <algorithm>
#include <fstream>
#include <map>

#include "tests/unit/store/sqlite_engine.hpp"

using namespace tributary;
using namespace tributary::contract;
using namespace tributary::store;

namespace {

using Dump = std::map<std::string, std::vector<Cells>>;

Dump dump(Snapshot& snapshot) {
    Dump rows;
    for (const auto& table : must(snapshot.tables())) {
        rows[table.name];
        must(snapshot.rows(table, [&](const Cells& cells) -> Result<void> {
            rows[table.name].push_back(cells);
            return {};
        }));
    }
    return rows;
}

void put_event(Store& store, std::uint32_t number) {
    write(store, [&](Session& s) {
        return s.consent_events().put(
            std::vector{ConsentEventRow{0, uid(number), uid(7), "marketing", at(1), at(2), "{}", "sealed"}});
    });
}

void put_item(Store& store, std::uint32_t number) {
    NewItem item;
    item.destination = "crm";
    item.lane_key = "c1";
    item.entity = "contact";
    item.operation = "upsert";
    item.op_key = digest(number);
    item.sealed = std::string("\0\1\2", 3);
    item.created_at = at(number);
    write(store, [&](Session& s) { return s.outbox().enqueue(std::vector{item}); });
}

// All rows, but those that `leave` names.
Result<void> lay(Snapshot& from, const std::filesystem::path& to, std::string_view leave = {}) {
    TRY(auto rebuild, rebuild_sqlite(to, from.schema_version()));
    TRY(const auto tables, from.tables());
    for (const auto& table : tables) {
        CHECK_OK(rebuild->table(table));
        if (table.name == leave) continue;
        CHECK_OK(from.rows(table, [&](const Cells& cells) { return rebuild->row(cells); }));
    }
    return rebuild->finish();
}

}  // namespace

TEST_CASE("a snapshot stands still while the store goes on", "[snapshot]") {
    SqliteEngine engine;
    auto store = engine.open();
    put_event(*store, 1);
    auto snapshot = must(open_snapshot(engine.options.path));
    put_event(*store, 2);
    put_event(*store, 3);
    CHECK(dump(*snapshot)["consent_event"].size() == 1);
    CHECK(must(snapshot->session().consent_events().list(0, 10)).size() == 1);
    CHECK(dump(*must(open_snapshot(engine.options.path)))["consent_event"].size() == 3);
}

TEST_CASE("rows laid again are the same store, and numbers go on where they were", "[snapshot]") {
    SqliteEngine engine, other;
    auto store = engine.open();
    for (std::uint32_t i = 1; i <= 5; ++i) put_event(*store, i);
    put_item(*store, 1);
    put_item(*store, 2);
    auto snapshot = must(open_snapshot(engine.options.path));
    must(lay(*snapshot, other.options.path));
    auto again = must(open_snapshot(other.options.path));
    auto was = dump(*snapshot), is = dump(*again);
    // Fences alone are ahead.
    CHECK(was["lane"] != is["lane"]);
    was.erase("lane");
    is.erase("lane");
    CHECK(was == is);
    again.reset();
    auto restored = other.open();
    put_event(*restored, 9);
    CHECK(read(*restored, [](ReadSession& s) { return s.consent_events().list(5, 10); }).front().seq == 6);
    const auto claimed = write(*restored, [](Session& s) {
        return s.outbox().claim({.destination = "crm", .now = at(100), .owner = "test"});
    });
    REQUIRE(claimed.size() == 1);
    CHECK(claimed.front().items.size() == 2);
    CHECK(claimed.front().lease.token > 1'000'000'000);
}

TEST_CASE("lanes hold what is left of their items", "[snapshot]") {
    SqliteEngine engine, other;
    auto store = engine.open();
    put_item(*store, 1);
    must(lay(*must(open_snapshot(engine.options.path)), other.options.path, "item"));
    auto restored = other.open();
    CHECK(read(*restored, [](ReadSession& s) { return s.outbox().lanes({}, 0, 10); }).empty());
}

TEST_CASE("rows of another schema are refused, and a rebuild that is dropped leaves nothing", "[snapshot]") {
    SqliteEngine engine;
    const auto file = engine.directory.path() / "new.db";
    CHECK(rebuild_sqlite(file, 99).error().fault == Fault::bad_config);
    CHECK(rebuild_sqlite(file, 0).error().fault == Fault::bad_config);
    {
        auto rebuild = must(rebuild_sqlite(file, 1));
        CHECK(rebuild->table({"no_such_table", {"a"}}).error().fault == Fault::bad_input);
        CHECK(rebuild->table({"lease", {"name"}}).error().fault == Fault::bad_input);
        CHECK(rebuild->table({"name\" --", {"id"}}).error().fault == Fault::bad_input);
        must(rebuild->table({"name", {"id", "text"}}));
        CHECK(rebuild->row({std::int64_t{1}}).error().fault == Fault::bad_input);
        must(rebuild->row({std::int64_t{1}, std::string("a")}));
        CHECK(rebuild->row({std::int64_t{1}, std::string("a")}).error().fault == Fault::conflict);
    }
    CHECK(std::ranges::distance(std::filesystem::directory_iterator(engine.directory.path())) == 0);
}

TEST_CASE("a draft takes the place of a database whole, never under a running gateway", "[snapshot]") {
    SqliteEngine engine, source;
    auto from = source.open();
    put_event(*from, 1);
    put_event(*from, 2);
    {
        auto store = engine.open();
        put_item(*store, 1);
        CHECK(Replacement::begin(engine.options.path).error().fault == Fault::conflict);
    }
    {
        auto replacement = must(Replacement::begin(engine.options.path));
        CHECK(must(replacement.holds_data()));
        must(lay(*must(open_snapshot(source.options.path)), replacement.draft()));
        must(replacement.commit());
        CHECK_FALSE(std::filesystem::exists(replacement.draft()));
    }
    auto store = engine.open();
    CHECK(read(*store, [](ReadSession& s) { return s.consent_events().list(0, 10); }).size() == 2);
    CHECK(read(*store, [](ReadSession& s) { return s.outbox().lanes({}, 0, 10); }).empty());
}

TEST_CASE("an empty database holds no data, and what a crash left of a draft goes", "[snapshot]") {
    SqliteEngine engine;
    CHECK_FALSE(must(must(Replacement::begin(engine.options.path)).holds_data()));
    engine.open();
    const auto draft = engine.options.path.string() + ".restoring";
    std::ofstream(draft) << "half";
    std::ofstream(draft + "-wal") << "half";
    CHECK_FALSE(must(must(Replacement::begin(engine.options.path)).holds_data()));
    CHECK_FALSE(std::filesystem::exists(draft));
    CHECK_FALSE(std::filesystem::exists(draft + "-wal"));
}

// Opening the SQLite engine: locks, versions, migrations, file modes.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "gateway/store/sqlite/lock_file.hpp"
#include "gateway/store/sqlite/migrate.hpp"
#include "tests/contract/store/inbox_contract.hpp"
#include "tests/contract/store/lanes.hpp"
#include "tests/contract/store/records_contract.hpp"
#include "tests/unit/store/sqlite_engine.hpp"

using namespace tributary;
using namespace tributary::contract;

namespace {

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// A database as it was left by another version of the program.
std::unique_ptr<store::SqliteConnection> raw_database(const std::filesystem::path& path) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::app).flush();
    return must(store::SqliteConnection::open(path, store::SqliteConnection::Mode::read_write));
}

}  // namespace

TEST_CASE("a store is readable by its owner alone", "[store]") {
    SqliteEngine engine;
    const auto store = engine.open();
    write(*store, [](store::Session& s) { return s.records().put(std::vector{record(1)}); });
    for (const auto* suffix : {"", "-wal", "-shm", ".lock"}) {
        struct stat status{};
        REQUIRE(::stat((engine.options.path.string() + suffix).c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
    }
}

TEST_CASE("a second store on the same file is refused, also in another process", "[store]") {
    SqliteEngine engine;
    auto store = engine.open();
    const auto second = engine.try_open();
    REQUIRE_FALSE(second);
    CHECK(second.error().fault == Fault::conflict);
    CHECK(second.error().what.find("another gateway uses this database") == 0);
    // The child opens the lock file anew, as another process would; what it inherited does not help it.
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(store::LockFile::acquire(engine.options.path.string() + ".lock") ? 1 : 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 0);
    store.reset();
    CHECK(engine.try_open());
}

TEST_CASE("a newer schema is refused and left as it is", "[store]") {
    SqliteEngine engine;
    must(raw_database(engine.options.path)->execute("CREATE TABLE future (id INTEGER); PRAGMA user_version = 99"));
    const auto opened = engine.try_open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == Fault::bad_config);
    CHECK(opened.error().what.find("schema version 99") != std::string::npos);
    CHECK(must(raw_database(engine.options.path)->text("PRAGMA user_version")) == "99");
}

TEST_CASE("a database of schema version 1 is migrated and keeps its rows", "[store]") {
    SqliteEngine engine;
    must(raw_database(engine.options.path)
             ->execute(text_of(TRIBUTARY_SOURCE_DIR "/tests/cases/store/version_1.sql").c_str()));
    auto store = engine.open();
    CHECK(bodies(claim(*store, 10, at(1000))) == std::vector<std::string>{"body 2"});
    const std::vector uids{uid(1)};
    const auto rows = read(*store, [&](store::ReadSession& s) { return s.records().load(uids); });
    REQUIRE(rows[0]);
    CHECK(rows[0]->key.external_id == "id-1");
    Lanes lanes{*store};
    const auto claimed = lanes.claim();
    REQUIRE(claimed.size() == 1);
    CHECK(claimed[0].items.size() == 2);
    CHECK(read(*store, [](store::ReadSession& s) { return s.checkpoints().get("erp", "customers"); })->cursor == "17");
    CHECK_FALSE(read(*store, [](store::ReadSession& s) { return s.audit().last_checkpoint(); }));
    store.reset();
    CHECK(must(raw_database(engine.options.path)->text("PRAGMA user_version")) ==
          std::to_string(store::migrations().size()));
}

TEST_CASE("a migration that fails leaves the version and the tables of before", "[store]") {
    TemporaryDirectory directory;
    const auto connection = raw_database(directory.path() / "m.db");
    const std::array first{"CREATE TABLE a (x); INSERT INTO a VALUES (1)"};
    must(store::migrate(*connection, first));
    const std::array bad{first[0], "ALTER TABLE a ADD COLUMN y", "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)"};
    const auto failed = store::migrate(*connection, bad);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().where == "migration to schema version 3");
    CHECK(must(connection->text("PRAGMA user_version")) == "2");
    CHECK(must(connection->text("SELECT count(*) FROM sqlite_schema WHERE name = 'b'")) == "0");
    const std::array good{bad[0], bad[1], "CREATE TABLE b (x)"};
    must(store::migrate(*connection, good));
    must(store::migrate(*connection, good));
    CHECK(must(connection->text("PRAGMA user_version")) == "3");
    CHECK(must(connection->text("SELECT x FROM a")) == "1");
}

TEST_CASE("a path that cannot be written is a fault of the configuration", "[store]") {
    SqliteEngine engine;
    engine.options.path = "/proc/nowhere/tributary.db";
    const auto opened = engine.try_open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == Fault::bad_config);
}

// What the SQLite engine does when the disk is full, broken or damaged.
#include <atomic>
#include <fstream>

#include "tests/contract/store/inbox_contract.hpp"
#include "tests/unit/store/fault_disk.hpp"
#include "tests/unit/store/sqlite_engine.hpp"

using namespace tributary;
using namespace tributary::contract;

namespace {

Result<void> put(store::Store& store, std::uint32_t first, std::uint32_t last) {
    return store.write([&](store::Session& s) -> Result<void> {
        CHECK_OK(s.inbox().put(entries(first, last)));
        return {};
    });
}

std::uint64_t waiting(store::Store& store) {
    return read(store, [](store::ReadSession& s) { return s.inbox().depth(); }).waiting;
}

constexpr std::uintmax_t kSchemaPages = 80;  // and a little more

void scribble(const std::filesystem::path& path) {
    const auto size = std::filesystem::file_size(path);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    for (std::uintmax_t page = kSchemaPages * 4096; page + 4096 <= size; page += 4096) {
        file.seekp(static_cast<std::streamoff>(page));
        file << std::string(512, 'x');
    }
}

}  // namespace

TEST_CASE("a full disk refuses writes, loses nothing and recovers", "[store]") {
    FaultDisk disk;
    SqliteEngine engine;
    auto store = engine.open();
    must(put(*store, 1, 10));
    int refused = 0;
    for (int room = 0; room < 12; ++room) {
        FaultDisk::writes_left = room;
        const auto first = static_cast<std::uint32_t>(1000 * (room + 1));
        const auto outcome = put(*store, first, first + 20);
        FaultDisk::writes_left = -1;
        if (!outcome) {
            ++refused;
            CHECK(outcome.error().fault == Fault::transient);
            CHECK(outcome.error().what.find("disk is full") != std::string::npos);
            CHECK(store->health().disk_full);
            CHECK_FALSE(store->health().poisoned);
        }
        CHECK(waiting(*store) == 10 + 21 * static_cast<std::uint64_t>(room + 1 - refused));
    }
    CHECK(refused > 3);
    must(put(*store, 100, 109));
    CHECK_FALSE(store->health().disk_full);
    const auto before = waiting(*store);
    store.reset();
    store = engine.open();
    CHECK(waiting(*store) == before);
}

TEST_CASE("a full quota fails every write that shares the commit, then recovers when rows go", "[store]") {
    SqliteEngine engine;
    engine.options.max_pages = 300;
    auto store = engine.open();
    must(put(*store, 1, 100));
    std::vector<std::int64_t> ids;
    for (const auto& one : claim(*store, 100, at(1))) ids.push_back(one.id);
    REQUIRE(ids.size() == 100);
    std::uint32_t next = 101;
    Result<void> outcome;
    for (; outcome && next < 20'000; next += 50) outcome = put(*store, next, next + 49);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().fault == Fault::transient);
    const auto kept = waiting(*store);
    CHECK(kept == next - 1 - 50);
    write(*store, [&](store::Session& s) { return s.inbox().finish(ids); });
    must(put(*store, 20'000, 20'009));
    CHECK(waiting(*store) == kept - 100 + 10);
}

TEST_CASE("no write is acknowledged before the log was synced", "[store]") {
    FaultDisk disk;
    SqliteEngine engine;
    const auto store = engine.open();
    for (std::uint32_t n = 1; n <= 50; ++n) {
        const auto before = FaultDisk::syncs.load();
        must(put(*store, n, n));
        CHECK(FaultDisk::syncs > before);
    }
}

TEST_CASE("an fsync that fails poisons the store, and a restart reads what is on disk", "[store]") {
    FaultDisk disk;
    SqliteEngine engine;
    auto store = engine.open();
    must(put(*store, 1, 10));
    FaultDisk::broken = true;
    std::atomic<int> told = 0, promised = 0;
    store->accept(entry(50), [&](Result<store::Accepted> outcome) {
        ++told;
        promised += outcome.has_value();
    });
    const auto failed = put(*store, 60, 61);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().fault == Fault::internal);
    CHECK(store->health().poisoned);
    const auto syncs = FaultDisk::syncs.load();
    FaultDisk::broken = false;
    CHECK_FALSE(put(*store, 70, 71));
    CHECK_FALSE(store->read([](store::ReadSession&) -> Result<void> { return {}; }));
    CHECK(FaultDisk::syncs == syncs);  // the sync is never tried again
    CHECK(told == 1);
    CHECK(promised == 0);
    store.reset();
    CHECK(FaultDisk::syncs == syncs);  // also not when it is closed
    store = engine.open();
    CHECK(waiting(*store) >= 10);
    must(put(*store, 70, 71));
}

TEST_CASE("a damaged file is refused after an unclean exit", "[store]") {
    SqliteEngine engine;
    auto store = engine.open();
    must(put(*store, 1, 2000));
    store.reset();
    scribble(engine.options.path);
    std::ofstream(engine.options.path.string() + ".lock") << "running\n";
    const auto opened = engine.try_open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == Fault::internal);
    CHECK(opened.error().text().find("damaged") != std::string::npos);
}

TEST_CASE("a log that was damaged is refused, one whose end is missing is not", "[store]") {
    SqliteEngine living, copy;
    auto store = living.open();
    for (std::uint32_t n = 1; n <= 30; ++n) must(put(*store, n, n));
    const auto log = copy.options.path.string() + "-wal";
    const auto copy_files = [&] {
        std::filesystem::create_directories(copy.options.path.parent_path());
        const auto over = std::filesystem::copy_options::overwrite_existing;
        std::filesystem::copy_file(living.options.path, copy.options.path, over);
        std::filesystem::copy_file(living.options.path.string() + "-wal", log, over);
        std::ofstream(copy.options.path.string() + ".lock") << "running\n";
    };
    copy_files();
    const auto size = std::filesystem::file_size(log);
    std::fstream(log, std::ios::in | std::ios::out | std::ios::binary).seekp(static_cast<std::streamoff>(size / 2))
        << "x";
    const auto opened = copy.try_open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == Fault::internal);
    CHECK(opened.error().text().find("the write-ahead log is damaged") != std::string::npos);
    copy_files();
    std::filesystem::resize_file(log, size - 100);
    CHECK(waiting(*copy.open()) == 29);
}

TEST_CASE("damage that is met at work poisons the store", "[store]") {
    SqliteEngine engine;
    auto store = engine.open();
    must(put(*store, 1, 2000));
    store.reset();
    scribble(engine.options.path);
    auto opened = engine.try_open();
    if (!opened) {
        CHECK(opened.error().fault == Fault::internal);
        return;
    }
    bool failed = false;
    for (std::uint32_t n = 0; n < 50 && !failed; ++n) failed = !put(**opened, 10'000 + n, 10'000 + n);
    CHECK(failed);
    CHECK((*opened)->health().poisoned);
    const auto after = put(**opened, 1, 1);
    REQUIRE_FALSE(after);
    CHECK(after.error().fault == Fault::internal);
}

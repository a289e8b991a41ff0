// The power goes at any write while a newer program upgrades an older database: the next start ends the upgrade, and
// what was there is there.
#include <fmt/format.h>

#include <fstream>

#include "gateway/store/sqlite/migrate.hpp"
#include "tests/fault/disk/place.hpp"

namespace tributary::disk {
namespace {

constexpr int kRows = 40;

// A database as a program of schema version `version` left it, with rows in a table that every version has.
Result<Image> older(std::size_t version) {
    Place place("older");
    std::ofstream(place.path()).close();
    {
        TRY(auto connection, store::SqliteConnection::open(place.path(), store::SqliteConnection::Mode::read_write));
        CHECK_OK(store::migrate(*connection, store::migrations().first(version)));
        CHECK_OK(connection->execute(
            fmt::format("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
                        "INSERT INTO inbox_seen (connection, dedup_key, received_at) "
                        "SELECT 1, CAST('delivery ' || i AS BLOB), i FROM n",
                        kRows)
                .c_str()));
        CHECK_OK(connection->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
    return Image::read_from(place.path());
}

// What is wrong with it once the newest program has opened it; empty: nothing.
std::string wrong_after(Place& place, const Image& image) {
    image.write_to(place.path());
    if (auto store = place.open(); !store) return "does not open: " + store.error().text();
    if (auto finding = integrity_of(place.path()); finding != "ok") return finding;
    auto connection = store::SqliteConnection::open(place.path(), store::SqliteConnection::Mode::read_only);
    if (!connection) return connection.error().text();
    const auto version = (*connection)->text("PRAGMA user_version");
    if (!version || *version != std::to_string(store::migrations().size())) return "the upgrade did not end";
    const auto rows = (*connection)->text("SELECT count(*) FROM inbox_seen");
    return rows && *rows == std::to_string(kRows) ? "" : "rows are missing";
}

}  // namespace

void upgrade(const Campaign& campaign, Verdict& verdict) {
    JournalDisk disk;
    std::mt19937_64 random(campaign.seed + 5);
    const auto newest = store::migrations().size();
    std::uint64_t images = 0, bad = 0, events_seen = 0, versions = 0;
    std::string first;
    const auto note = [&](std::size_t version, const std::string& what) {
        ++bad;
        if (first.empty()) first = fmt::format("from version {}: {}", version, what);
    };
    Place after("upgraded");
    for (std::size_t version = 1; version < newest;
         version = campaign.full ? version + 1 : version + 1 + random() % 4) {
        ++versions;
        const auto base = older(version);
        if (!base) {
            note(version, base.error().text());
            continue;
        }
        Place place("upgrade");
        base->write_to(place.path());
        disk.begin("tributary-upgrade-");
        const bool opened = place.open().has_value();
        const auto events = disk.end();
        if (!opened) note(version, "does not open");
        events_seen += events.size();
        CrashedDisk crashed(*base);
        const auto share = campaign.full ? 1 : events.size() / 12 + 1;
        for (std::size_t index = 0; index <= events.size(); ++index) {
            if (index > 0) crashed.apply(events[index - 1]);
            if (index % share != 0 && index != events.size()) continue;
            for (const auto loss : {Loss::none, Loss::all, Loss::sectors}) {
                ++images;
                if (auto wrong = wrong_after(after, crashed.image(loss, random)); !wrong.empty())
                    note(version, fmt::format("{} at event {} of {}", wrong, index, events.size()));
            }
        }
    }
    std::printf("COUNTS upgrade injected=%llu versions=%llu disk_events=%llu lost=%llu seed=%llu\n",
                static_cast<unsigned long long>(images), static_cast<unsigned long long>(versions),
                static_cast<unsigned long long>(events_seen), static_cast<unsigned long long>(bad),
                static_cast<unsigned long long>(campaign.seed));
    verdict.check(fmt::format("an upgrade cut off at {} moments ends at the next start, and keeps its rows", images),
                  bad == 0, fmt::format("{} are bad, first: {}", bad, first));
}

}  // namespace tributary::disk

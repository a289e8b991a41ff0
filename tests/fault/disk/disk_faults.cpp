// The disk is full for a while, or breaks: nothing acknowledged is lost, and what is broken is not served from.
#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <limits>

#include "tests/fault/disk/place.hpp"
#include "tests/fault/disk/trace.hpp"

namespace tributary::disk {
namespace {

std::string at_the_disk(Place& place, const Image& image) {
    image.write_to(place.path());
    auto store = place.open();
    if (!store) return "does not open: " + store.error().text();
    auto text = text_of(**store);
    return text ? *text : "cannot be read: " + text.error().text();
}

}  // namespace

void disk_full(const Campaign& campaign, Verdict& verdict) {
    const int points = campaign.full ? 300 : 40;
    JournalDisk disk;
    Place place("full");
    disk.begin("tributary-full-");
    Trace trace(campaign.seed, [&] { return disk.size(); });
    std::mt19937_64 random(campaign.seed + 2);
    auto store = place.open();
    if (!store) return verdict.check("a full disk: the store opens", false, store.error().text());
    std::string wrong;
    std::uint64_t refused = 0, refusals = 0;
    std::chrono::microseconds slowest{0};
    for (int point = 0; point < points && wrong.empty(); ++point) {
        for (unsigned i = static_cast<unsigned>(random() % 3); i > 0; --i)
            if (auto done = trace.round(**store); !done) wrong = "with room it answers " + done.error().text();
        disk.arm({Operation::write, 1 + random() % 120, 1 + random() % 60, SQLITE_FULL});
        bool hit = false;
        for (int tries = 0; tries < 6 && wrong.empty(); ++tries) {
            auto done = trace.round(**store);
            if (done) continue;
            hit = true;
            ++refusals;
            if (done.error().fault != Fault::transient) wrong = "a full disk is answered with " + done.error().text();
            if ((*store)->health().poisoned) wrong = "a full disk poisons the store";
        }
        refused += hit;
        disk.disarm();
        const auto began = std::chrono::steady_clock::now();
        if (auto done = trace.round(**store); !done && wrong.empty())
            wrong = "with room again it answers " + done.error().text();
        slowest = std::max(
            slowest, std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began));
    }
    const auto expected = trace.model().text();
    const auto events = disk.end();
    CrashedDisk crashed;
    for (const auto& event : events) crashed.apply(event);
    store->reset();
    Place after("after");
    const auto there = at_the_disk(after, crashed.image(Loss::all, random)) == expected;
    std::printf(
        "COUNTS disk_full injected=%d operations=%llu points_refused=%llu rounds_refused=%llu lost=%d torn=%llu "
        "slowest_recovery_s=%.3f seed=%llu\n",
        points, static_cast<unsigned long long>(trace.operations()), static_cast<unsigned long long>(refused),
        static_cast<unsigned long long>(refusals), there ? 0 : 1, static_cast<unsigned long long>(trace.torn_commits()),
        static_cast<double>(slowest.count()) / 1e6, static_cast<unsigned long long>(campaign.seed));
    verdict.check(
        fmt::format("a full disk at {} points refuses whole commits as transient and goes on with room", points),
        wrong.empty() && trace.torn_commits() == 0 && refused > static_cast<std::uint64_t>(points) / 3, wrong);
    verdict.check("what was acknowledged between full disks is on the disk", there);
}

namespace {

struct ErrorCounts {
    std::uint64_t injected = 0, hit = 0, at_start = 0, unnoticed = 0, lost = 0, syncs_again = 0;
    std::string first;
    void note(std::uint64_t& kind, std::string what) {
        ++kind;
        if (first.empty()) first = std::move(what);
    }
};

struct Base {
    Image image;
    Trace trace;
};

// The database in the middle of its life, with a log that was not yet emptied.
Base middle_of(JournalDisk& disk, std::uint64_t seed) {
    Place place("base");
    disk.begin("tributary-base-");
    Trace trace(seed, [&] { return disk.size(); });
    std::mt19937_64 random(seed);
    {
        auto store = place.open();
        for (int i = 0; store && i < 40; ++i) std::ignore = trace.round(**store);
    }
    auto store = place.open();
    trace.reopened();
    for (int i = 0; store && i < 5; ++i) std::ignore = trace.round(**store);
    const auto events = disk.end();
    CrashedDisk crashed;
    for (const auto& event : events) crashed.apply(event);
    trace.reopened();
    return {crashed.image(Loss::all, random), std::move(trace)};
}

// Whether the run came as far as that operation.
bool inject(JournalDisk& disk, const Base& base, const Failure& failure, ErrorCounts& counts, std::mt19937_64& random) {
    ++counts.injected;
    const auto where = fmt::format("{} {} x {} code {}",
                                   failure.operation == Operation::read    ? "read"
                                   : failure.operation == Operation::write ? "write"
                                                                           : "sync",
                                   failure.nth, failure.times, failure.code);
    Place place("error"), after("after");
    base.image.write_to(place.path());
    disk.begin("tributary-error-");
    Trace trace = base.trace;
    disk.arm(failure);
    bool noticed = false, told = false;  // a reader that cannot be opened is told so; that alone poisons nothing
    {
        auto store = place.open();
        if (!store) ++counts.at_start;
        for (int i = 0; store && i < 12; ++i) {
            if (!trace.round(**store)) break;
            if ((*store)->health().poisoned) break;
            const auto read = (*store)->read([](store::ReadSession& session) -> Result<void> {
                CHECK_OK(session.counters().stats());
                return {};
            });
            told = told || !read;
        }
        noticed = !store || told || (*store)->health().poisoned;
        if (disk.failed() == 0) noticed = true;
        if (store) store->reset();
    }
    const auto again = disk.syncs_after_failure();
    const bool met = disk.failed() > 0;
    counts.hit += met;
    disk.disarm();
    const auto events = disk.end();
    if (!noticed) counts.note(counts.unnoticed, "work went on after " + where);
    if (again > 0) counts.note(counts.syncs_again, "synced again after " + where);
    CrashedDisk crashed(base.image);
    for (const auto& event : events) crashed.apply(event);
    const auto acknowledged = trace.model().text();
    for (const auto loss : {Loss::none, Loss::all, Loss::sectors}) {
        const auto found = at_the_disk(after, crashed.image(loss, random));
        if (found != acknowledged && found != trace.undecided().value_or(acknowledged))
            counts.note(counts.lost,
                        fmt::format("after {} and loss {}: {}", where, static_cast<int>(loss), found.substr(0, 80)));
    }
    return met;
}

}  // namespace

void disk_errors(const Campaign& campaign, Verdict& verdict) {
    JournalDisk disk;
    const auto base = middle_of(disk, campaign.seed);
    std::mt19937_64 random(campaign.seed + 3);
    ErrorCounts counts;
    const struct {
        Operation operation;
        int code;
        std::uint64_t last, step;
    } kinds[] = {{Operation::write, SQLITE_IOERR_WRITE, 500, 47},
                 {Operation::sync, SQLITE_IOERR_FSYNC, 40, 4},
                 {Operation::read, SQLITE_IOERR_READ, 500, 61}};
    for (const auto& kind : kinds) {
        bool met = true;
        for (std::uint64_t nth = 1; nth <= kind.last && met; nth += campaign.full ? 1 : kind.step)
            for (const std::uint64_t times : {std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()})
                met = inject(disk, base, {kind.operation, nth, times, kind.code}, counts, random);
    }
    std::printf(
        "COUNTS disk_errors injected=%llu hit=%llu refused_at_start=%llu lost=%llu unnoticed=%llu "
        "synced_again=%llu seed=%llu\n",
        static_cast<unsigned long long>(counts.injected), static_cast<unsigned long long>(counts.hit),
        static_cast<unsigned long long>(counts.at_start), static_cast<unsigned long long>(counts.lost),
        static_cast<unsigned long long>(counts.unnoticed), static_cast<unsigned long long>(counts.syncs_again),
        static_cast<unsigned long long>(campaign.seed));
    verdict.check(fmt::format("a broken disk, {} ways: no acknowledged write is lost", counts.injected),
                  counts.lost == 0, counts.first);
    verdict.check("a broken disk is noticed, and nothing is served from it", counts.unnoticed == 0, counts.first);
    verdict.check("a sync that failed is never tried again", counts.syncs_again == 0, counts.first);
    verdict.check("the errors were met", counts.hit > counts.injected / 2);
}

}  // namespace tributary::disk

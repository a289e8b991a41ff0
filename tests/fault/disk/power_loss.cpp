// The power goes at any write of a trace: what was acknowledged is there, and nothing that was not committed whole.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "tests/fault/disk/place.hpp"
#include "tests/fault/disk/trace.hpp"

namespace tributary::disk {
namespace {

constexpr std::uint64_t kOperations = 2000;  // at least
constexpr int kRestarts = 3;

struct Recorded {
    std::vector<Event> events;
    std::vector<Committed> committed;
    std::uint64_t operations = 0;
    Result<void> done;
};

struct Found {
    std::uint64_t images = 0, lost = 0, unreadable = 0, damaged = 0, again = 0, recoveries_cut = 0;
    std::chrono::microseconds slowest{0};
    std::string first;  // what was wrong first

    std::uint64_t bad() const { return lost + unreadable + damaged + again; }
    void note(std::uint64_t& kind, const std::string& what) {
        ++kind;
        if (first.empty()) first = what;
    }
};

// Some thousand operations, closed and opened several times, all in the journal.
Recorded record(JournalDisk& disk, std::uint64_t seed, std::uint64_t operations) {
    Recorded recorded;
    Place place("trace");
    disk.begin("tributary-trace-");
    Trace trace(seed, [&] { return disk.size(); });
    auto run = [&]() -> Result<void> {
        for (int part = 1; part <= kRestarts; ++part) {
            TRY(auto store, place.open());
            while (trace.operations() < operations * static_cast<std::uint64_t>(part) / kRestarts)
                CHECK_OK(trace.round(*store));
            store.reset();
            trace.reopened();
        }
        return {};
    };
    recorded.done = run();
    recorded.events = disk.end();
    recorded.committed = trace.committed();
    recorded.operations = trace.operations();
    return recorded;
}

class Inspection {
  public:
    Inspection(JournalDisk& disk, const Recorded& recorded, Found& found)
        : disk_(disk), recorded_(recorded), found_(found) {}

    // The disk as it is after the first `index` events. With `cut` the power goes a second time, while it starts.
    void inspect(const Image& image, std::size_t index, std::mt19937_64* cut) {
        ++found_.images;
        image.write_to(place_.path());
        const auto where = fmt::format("at event {} of {}", index, recorded_.events.size());
        const auto began = std::chrono::steady_clock::now();
        if (cut) disk_.begin("tributary-after-");
        auto store = place_.open();
        if (cut) {
            auto events = disk_.end();
            if (store) store->reset();
            CrashedDisk again(image);
            const auto until = events.empty() ? 0 : (*cut)() % (events.size() + 1);
            for (std::size_t i = 0; i < until; ++i) again.apply(events[i]);
            again.image(Loss::sectors, *cut).write_to(place_.path());
            ++found_.recoveries_cut;
            store = place_.open();
        }
        if (!store) return found_.note(found_.unreadable, store.error().text() + " " + where);
        found_.slowest =
            std::max(found_.slowest,
                     std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began));
        const auto text = text_of(**store);
        const auto* state = text ? state_of(*text, index) : nullptr;
        if (!text) found_.note(found_.unreadable, text.error().text() + " " + where);
        if (text && !state) found_.note(found_.lost, "its state is none of those allowed " + where);
        if (state && state->newest > 0 && !is_known(**store, state->newest))
            found_.note(found_.again, "an acknowledged webhook counts as new " + where);
        store->reset();
        if (auto finding = integrity_of(place_.path()); finding != "ok")
            found_.note(found_.damaged, finding + " " + where);
    }

  private:
    // At least what was acknowledged by then, at most what had begun.
    const Committed* state_of(const std::string& text, std::size_t index) const {
        const Committed* found = nullptr;
        for (const auto& one : recorded_.committed) {
            if (one.began > index) break;
            if (one.acknowledged <= index) found = nullptr;  // what stands before is older than was promised
            if (one.text == text) found = &one;
        }
        return found;
    }

    static bool is_known(store::Store& store, std::uint32_t number) {
        auto accepted = store::Accepted::fresh;
        auto put = store.write([&](store::Session& session) -> Result<void> {
            TRY(const auto answers, session.inbox().put(std::vector{entry_of(number)}));
            accepted = answers.front();
            return {};
        });
        return put && accepted == store::Accepted::duplicate;
    }

    JournalDisk& disk_;
    const Recorded& recorded_;
    Found& found_;
    Place place_{"after"};
};

// `share`: of how many indexes one is looked at; 1: of each. Each is looked at as a killed process and as a power loss
// leave it.
Found inspect(JournalDisk& disk, const Recorded& recorded, std::mt19937_64 random, std::size_t share,
              std::size_t extra_seeds) {
    Found found;
    Inspection inspection(disk, recorded, found);
    std::vector<std::size_t> extra;
    for (std::size_t i = 0; i < extra_seeds; ++i) extra.push_back(random() % (recorded.events.size() + 1));
    std::ranges::sort(extra);
    auto next_extra = extra.begin();
    CrashedDisk crashed;
    auto chosen = random() % share;
    bool synced = true;
    for (std::size_t index = 0; index <= recorded.events.size(); ++index) {
        if (index > 0) {
            crashed.apply(recorded.events[index - 1]);
            synced = synced || recorded.events[index - 1].kind != Event::Kind::write;
        }
        if (index == chosen) {
            inspection.inspect(crashed.image(Loss::none, random), index, nullptr);
            // What is lost as a whole changes with a sync alone.
            if (std::exchange(synced, false)) inspection.inspect(crashed.image(Loss::all, random), index, nullptr);
            inspection.inspect(crashed.image(Loss::sectors, random), index, nullptr);
            chosen = share == 1 ? index + 1 : index + 1 + random() % (2 * share - 1);
        }
        for (; next_extra != extra.end() && *next_extra == index; ++next_extra)
            inspection.inspect(crashed.image(Loss::sectors, random), index, random() % 4 == 0 ? &random : nullptr);
    }
    return found;
}

}  // namespace

void power_loss(const Campaign& campaign, Verdict& verdict) {
    JournalDisk disk;
    const auto recorded = record(disk, campaign.seed, kOperations);
    if (!recorded.done) return verdict.check("power loss: the trace runs", false, recorded.done.error().text());
    std::mt19937_64 random(campaign.seed + 1);
    const auto size = recorded.events.size();
    const auto found =
        campaign.full ? inspect(disk, recorded, random, 1, 500) : inspect(disk, recorded, random, size / 70 + 1, 50);
    std::printf(
        "COUNTS power_loss injected=%llu operations=%llu disk_events=%zu commits=%zu recoveries_cut=%llu "
        "lost=%llu duplicated=%llu unreadable=%llu damaged=%llu slowest_recovery_s=%.3f seed=%llu\n",
        static_cast<unsigned long long>(found.images), static_cast<unsigned long long>(recorded.operations), size,
        recorded.committed.size() - 1, static_cast<unsigned long long>(found.recoveries_cut),
        static_cast<unsigned long long>(found.lost), static_cast<unsigned long long>(found.again),
        static_cast<unsigned long long>(found.unreadable), static_cast<unsigned long long>(found.damaged),
        static_cast<double>(found.slowest.count()) / 1e6, static_cast<unsigned long long>(campaign.seed));
    verdict.check(fmt::format("power loss at {} disks of {} operations: what was acknowledged is there, and it starts "
                              "without hands",
                              found.images, recorded.operations),
                  found.bad() == 0, fmt::format("{} are bad, first: {}", found.bad(), found.first));
    verdict.check("the trace is as large as it says", recorded.operations >= kOperations);

    // The guard broken: a log that is not synced before the answer must be found out.
    disk.forget_log_syncs(true);
    const auto unsynced = record(disk, campaign.seed, kOperations / 4);
    disk.forget_log_syncs(false);
    const auto lies = inspect(disk, unsynced, random, unsynced.events.size() / 40 + 1, 0);
    std::printf("COUNTS power_loss_without_sync injected=%llu lost=%llu seed=%llu\n",
                static_cast<unsigned long long>(lies.images), static_cast<unsigned long long>(lies.bad()),
                static_cast<unsigned long long>(campaign.seed));
    verdict.check("without the sync of the log, losses are found", unsynced.done && lies.lost > 0);
}

}  // namespace tributary::disk

// What must not grow with what lies waiting.
#include <algorithm>
#include <atomic>
#include <chrono>

#include "tests/contract/store/inbox_contract.hpp"
#include "tests/contract/store/lanes.hpp"
#include "tests/contract/store/transaction_contract.hpp"
#include "tests/unit/store/sqlite_engine.hpp"

using namespace tributary;
using namespace tributary::contract;

namespace {

// The quickest of many claims of ten lanes, each given back.
std::chrono::nanoseconds quickest_claim(Lanes& lanes) {
    auto quickest = std::chrono::nanoseconds::max();
    for (int round = 0; round < 30; ++round) {
        std::chrono::nanoseconds took{};
        const store::LaneClaim request{"crm", 10, 10, at(lanes.now), std::chrono::seconds(30), "worker"};
        write(lanes.store, [&](store::Session& s) -> Result<void> {
            const auto begin = std::chrono::steady_clock::now();
            TRY(const auto claimed, s.outbox().claim(request));
            took = std::chrono::steady_clock::now() - begin;
            std::vector<store::LaneLease> leases;
            for (const auto& lane : claimed) leases.push_back(lane.lease);
            if (leases.size() != 10) return fail(Fault::internal, "not ten lanes");
            return s.outbox().release(leases);
        });
        quickest = std::min(quickest, took);
    }
    return quickest;
}

}  // namespace

TEST_CASE("twenty thousand blocked and sleeping lanes do not slow a claim", "[store]") {
    SqliteEngine engine;
    const auto store = engine.open();
    Lanes lanes{*store};
    std::vector<store::NewItem> ready;
    for (std::uint32_t n = 0; n < 20; ++n) ready.push_back(item("ready" + std::to_string(n), n + 1));
    lanes.enqueue(ready);
    const auto clean = quickest_claim(lanes);
    lanes.settle(lanes.all(lanes.claim(1)[0], store::ItemEnd::delivered));  // nineteen left
    std::vector<store::NewItem> stuck;
    for (std::uint32_t n = 0; n < 20'000; ++n) stuck.push_back(item("stuck" + std::to_string(n), 0));
    lanes.enqueue(stuck);
    for (auto claimed = lanes.claim(5000, 1); !claimed.empty(); claimed = lanes.claim(5000, 1)) {
        std::vector<store::LaneResult> results;
        for (const auto& lane : claimed) {
            const bool keep = lane.lane_key.starts_with("ready");
            results.push_back({.lease = lane.lease,
                               .at = at(lanes.now),
                               .fail_count = 1,
                               .block = !keep && lane.lease.lane % 2 == 0});
            results.back().retry_at = keep ? at(lanes.now + 1) : at(lanes.now + 5000);
        }
        write(*store, [&](store::Session& s) { return s.outbox().settle(results); });
    }
    lanes.now += 10;
    const auto crowded = quickest_claim(lanes);
    INFO("clean " << clean.count() << " ns, crowded " << crowded.count() << " ns");
    CHECK(crowded < clean * 10);
}

TEST_CASE("the log is moved into the database while writes go on, and emptied at the stop", "[store]") {
    SqliteEngine engine;
    auto store = engine.open();
    std::uint64_t largest = 0;
    const auto write_much = [&](std::uint32_t first) {
        for (std::uint32_t n = 0; n < 60; ++n) {
            write(*store,
                  [&](store::Session& s) { return s.inbox().put(entries(first + n * 500, first + n * 500 + 499)); });
            largest = std::max(largest, store->health().log_bytes);
        }
    };
    write_much(1);
    CHECK(largest < 16U << 20);
    store->begin_bulk();
    write_much(1'000'000);
    store->end_bulk();
    CHECK(largest < 80U << 20);
    CHECK(store->health().database_bytes > 4U << 20);
    const auto path = engine.options.path.string() + "-wal";
    store.reset();
    CHECK((!std::filesystem::exists(path) || std::filesystem::file_size(path) == 0));
}

TEST_CASE("more writes than may wait are refused at once", "[store]") {
    SqliteEngine engine;
    engine.options.queue = 5;
    const auto store = engine.open();
    HeldWriter held(*store);
    std::atomic<int> refused = 0, done = 0;
    for (std::uint32_t n = 0; n < 10; ++n) {
        store->accept(entry(n), [&](Result<store::Accepted> outcome) { ++(outcome ? done : refused); });
    }
    CHECK(refused == 6);
    CHECK(done == 0);
    held.let_go();
    store->stop();
    CHECK(done == 4);
}

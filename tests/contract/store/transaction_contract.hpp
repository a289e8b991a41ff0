// Group commit: many writes in one commit, each alone in it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/contract/store/inbox_contract.hpp"

namespace tributary::contract {

// Holds the writer inside a write until it is let go, so that what is queued meanwhile shares the next commit.
class HeldWriter {
  public:
    explicit HeldWriter(store::Store& store) {
        std::promise<void> inside;
        auto entered = inside.get_future();
        store.write_async(
            [gone = go_.get_future(), told = std::move(inside)](store::Session&) mutable -> Result<void> {
                told.set_value();
                gone.wait();
                return {};
            },
            nullptr);
        entered.wait();
    }
    void let_go() { go_.set_value(); }

  private:
    std::promise<void> go_;
};

inline void check_transactions(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    const auto put_checkpoint = [](Session& s, const std::string& stream) {
        return s.checkpoints().put({"erp", stream, "1", "{}", at(1)});
    };
    const auto checkpoints = [&] { return read(*store, [](ReadSession& s) { return s.checkpoints().list(); }).size(); };

    SECTION("writes that queue during a commit share the next one, and a failing one fails alone") {
        std::mutex mutex;
        std::vector<std::pair<int, bool>> told;
        HeldWriter held(*store);
        const auto before = store->health().commits;
        for (int n = 0; n < 20; ++n) {
            store->write_async(
                [&, n](Session& s) -> Result<void> {
                    CHECK_OK(put_checkpoint(s, "stream" + std::to_string(n)));
                    if (n % 5 == 3) return fail(Fault::bad_input, "refused");
                    return {};
                },
                [&, n](Result<void> outcome) {
                    const std::lock_guard lock(mutex);
                    told.emplace_back(n, outcome.has_value());
                });
        }
        held.let_go();
        write(*store, [](Session&) -> Result<void> { return {}; });
        REQUIRE(told.size() == 20);
        for (int n = 0; n < 20; ++n) CHECK(told[static_cast<std::size_t>(n)] == std::pair(n, n % 5 != 3));
        CHECK(checkpoints() == 16);
        CHECK(store->health().commits - before <= 3);  // the held one, the shared one, and the last
    }
    SECTION("accepted webhooks and writes share a commit, and a rollback between them loses nothing") {
        std::atomic<int> fresh = 0, duplicate = 0;
        HeldWriter held(*store);
        for (std::uint32_t n = 0; n < 30; ++n) {
            store->accept(entry(n / 2), [&](Result<Accepted> outcome) {
                if (outcome) ++(*outcome == Accepted::fresh ? fresh : duplicate);
            });
            if (n % 10 == 4)
                store->write_async([](Session&) { return Result<void>(fail(Fault::bad_input, "no")); }, nullptr);
        }
        held.let_go();
        write(*store, [](Session&) -> Result<void> { return {}; });
        // An engine may take webhooks in beside the writer.
        for (int waits = 0; waits < 1000 && fresh + duplicate < 30; ++waits)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        CHECK(fresh == 15);
        CHECK(duplicate == 15);
        CHECK(claim(*store, 100, at(1000)).size() == 15);
        const auto stats = read(*store, [](ReadSession& s) { return s.counters().stats(); });
        REQUIRE(stats.streams.size() == 1);
        CHECK(stats.streams[0].accepted == 15);
        CHECK(stats.streams[0].duplicate == 15);
    }
    SECTION("names of a write that was rolled back are usable afterwards") {
        failure(*store, [&](Session& s) -> Result<void> {
            CHECK_OK(put_checkpoint(s, "brand_new"));
            return fail(Fault::conflict, "changed my mind");
        });
        write(*store, [&](Session& s) { return put_checkpoint(s, "other"); });
        write(*store, [&](Session& s) { return put_checkpoint(s, "brand_new"); });
        CHECK(checkpoints() == 2);
        CHECK(read(*store, [](ReadSession& s) { return s.checkpoints().get("erp", "brand_new"); })->stream ==
              "brand_new");
        CHECK(read(*store, [](ReadSession& s) { return s.checkpoints().get("erp", "other"); })->stream == "other");
    }
    SECTION("a write sees its own changes, a reader only committed ones") {
        const auto seen = write(*store, [&](Session& s) -> Result<std::size_t> {
            CHECK_OK(put_checkpoint(s, "a"));
            TRY(const auto inside, s.checkpoints().list());
            return inside.size();
        });
        CHECK(seen == 1);
        HeldWriter held(*store);
        CHECK(checkpoints() == 1);
        held.let_go();
    }
    SECTION("a read keeps its snapshot while others write") {
        const auto counts = read(*store, [&](ReadSession& s) -> Result<std::pair<std::size_t, std::size_t>> {
            TRY(const auto before, s.checkpoints().list());
            std::thread([&] {
                std::ignore = store->write([&](Session& w) { return put_checkpoint(w, "meanwhile"); });
            }).join();
            TRY(const auto after, s.checkpoints().list());
            return std::pair(before.size(), after.size());
        });
        CHECK(counts == std::pair<std::size_t, std::size_t>(0, 0));
        CHECK(checkpoints() == 1);
    }
    SECTION("many threads write and read at once") {
        std::atomic<int> written = 0, failed = 0;
        std::vector<std::thread> threads;
        for (std::uint32_t thread = 0; thread < 4; ++thread) {
            threads.emplace_back([&, thread] {
                for (std::uint32_t n = 0; n < 50; ++n) {
                    const auto wrote = store->write([&](Session& s) -> Result<void> {
                        CHECK_OK(s.inbox().put(std::vector{entry(thread * 1000 + n)}));
                        return {};
                    });
                    ++(wrote ? written : failed);
                    const auto saw = store->read([](ReadSession& s) -> Result<void> {
                        CHECK_OK(s.inbox().depth());
                        return {};
                    });
                    if (!saw) ++failed;
                }
            });
        }
        for (auto& thread : threads) thread.join();
        CHECK(written == 200);
        CHECK(failed == 0);
        CHECK(read(*store, [](ReadSession& s) { return s.inbox().depth(); }).waiting == 200);
    }
    SECTION("a stopped store finished what was queued and refuses the rest") {
        std::atomic<int> done = 0;
        for (std::uint32_t n = 0; n < 50; ++n)
            store->accept(entry(n), [&](Result<Accepted> outcome) { done += outcome.has_value(); });
        store->stop();
        CHECK(done == 50);
        const auto refused = store->write([](Session&) -> Result<void> { return {}; });
        REQUIRE_FALSE(refused);
        CHECK(refused.error().fault == Fault::transient);
        store->stop();
    }
    SECTION("an exception in a write is an error of that write alone") {
        const auto thrown = store->write([](Session&) -> Result<void> { throw std::runtime_error("oops"); });
        REQUIRE_FALSE(thrown);
        CHECK(thrown.error().fault == Fault::internal);
        write(*store, [&](Session& s) { return put_checkpoint(s, "after"); });
        CHECK_FALSE(store->health().poisoned);
    }
}

}  // namespace tributary::contract

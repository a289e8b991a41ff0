// kill -9 in the middle of work: what was acknowledged is there, and work goes on without hands.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <map>
#include <set>

#include "tests/contract/store/inbox_contract.hpp"
#include "tests/contract/store/lanes.hpp"
#include "tests/unit/store/sqlite_engine.hpp"

using namespace tributary;
using namespace tributary::contract;

namespace {

// One acknowledgement as it goes through the pipe: smaller than PIPE_BUF, so it arrives whole or not at all.
struct Acknowledged {
    std::uint32_t number;
    std::int64_t seq;  // 0: an inbox entry
};

// Webhooks and enqueued items without end; each acknowledgement is passed on after the store gave it.
[[noreturn]] void work(store::SqliteOptions options, std::uint32_t first, int acknowledgements) {
    FakeClock clock;
    Log log(LogLevel::off);
    auto store = store::open_sqlite(std::move(options), clock, log);
    if (!store) ::_exit(2);
    for (std::uint32_t number = first;; ++number) {
        (*store)->accept(entry(number), [=](Result<store::Accepted> outcome) {
            const Acknowledged one{number, 0};
            if (outcome) std::ignore = ::write(acknowledgements, &one, sizeof one);
        });
        std::int64_t seq = 0;
        const auto outcome = (*store)->write([&](store::Session& s) -> Result<void> {
            TRY(const auto seqs, s.outbox().enqueue(std::vector{item("lane" + std::to_string(number % 7), number)}));
            seq = seqs.front();
            return {};
        });
        const Acknowledged one{number, seq};
        if (outcome) std::ignore = ::write(acknowledgements, &one, sizeof one);
    }
}

// Kills the worker once it has acknowledged `enough`. What it acknowledged until then.
std::vector<Acknowledged> kill_after(const store::SqliteOptions& options, std::uint32_t first, std::size_t enough) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        work(options, first, ends[1]);
    }
    ::close(ends[1]);
    std::vector<Acknowledged> acknowledged;
    Acknowledged one{};
    while (::read(ends[0], &one, sizeof one) == sizeof one) {
        acknowledged.push_back(one);
        if (acknowledged.size() == enough) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    return acknowledged;
}

}  // namespace

TEST_CASE("every acknowledged write survives kill -9", "[store]") {
    SqliteEngine engine;
    constexpr int kKills = 12;
    std::set<std::uint32_t> accepted;
    std::map<std::uint32_t, std::int64_t> enqueued;
    for (int kill = 0; kill < kKills; ++kill) {
        const auto first = static_cast<std::uint32_t>(kill) * 100'000 + 1;
        for (const auto& one : kill_after(engine.options, first, 20 + 37 * static_cast<std::size_t>(kill % 5))) {
            if (one.seq == 0)
                accepted.insert(one.number);
            else
                enqueued.emplace(one.number, one.seq);
        }
    }
    auto store = engine.open();
    std::set<std::uint32_t> kept;
    for (const auto& one : claim(*store, 1'000'000, at(1'000'000))) {
        kept.insert(static_cast<std::uint32_t>(std::stoul(one.entry.body.substr(5))));
    }
    std::size_t lost = 0, reordered = 0, found = 0;
    for (const auto number : accepted) lost += !kept.contains(number);
    Lanes lanes{*store, 10'000'000};
    for (const auto& lane : lanes.claim(100, 1'000'000)) {
        std::int64_t expected = 1;
        std::uint32_t newest = 0;
        for (const auto& one : lane.items) {
            const auto number = static_cast<std::uint32_t>(std::stoul(one.clear.substr(5)));
            reordered += one.seq != expected++ || number <= newest;
            newest = number;
            const auto known = enqueued.find(number);
            if (known == enqueued.end()) continue;
            ++found;
            reordered += known->second != one.seq;
        }
    }
    lost += enqueued.size() - found;
    std::cout << "kill -9: " << kKills << " kills, " << accepted.size() << " webhooks and " << enqueued.size()
              << " items acknowledged, " << lost << " lost, " << reordered << " out of order" << std::endl;
    CHECK(accepted.size() + enqueued.size() > 1000);
    CHECK(lost == 0);
    CHECK(reordered == 0);
}

TEST_CASE("a lane that was claimed at ten kills in a row is poison, at fewer it is not", "[store]") {
    SqliteEngine engine;
    {
        const auto store = engine.open();
        Lanes{*store}.enqueue({item("a", 1), item("a", 2)});
    }
    for (int kill = 1; kill <= 10; ++kill) {
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            Log log(LogLevel::off);
            auto store = store::open_sqlite(engine.options, engine.clock, log);
            const store::LaneClaim all{"crm", 10, 10, at(10'000'000), std::chrono::seconds(30), "doomed"};
            const auto claimed = store && (*store)->write([&](store::Session& s) -> Result<void> {
                CHECK_OK(s.outbox().claim(all));
                return {};
            });
            ::_exit(claimed ? 0 : 1);  // without giving anything back
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WEXITSTATUS(status) == 0);
        if (kill < 9) continue;
        const auto store = engine.open();
        Lanes lanes{*store, 10'000'000};
        CHECK(lanes.dead().size() == (kill == 10 ? 1 : 0));
        REQUIRE(lanes.rows().size() == 1);
        CHECK(lanes.rows()[0].blocked == (kill == 10));
    }
}

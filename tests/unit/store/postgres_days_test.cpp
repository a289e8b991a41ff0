// Attempts by day on PostgreSQL: days are dropped, what has no day goes in steps, and an older database keeps its rows.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <iostream>
#include <thread>

#include "gateway/base/hex.hpp"
#include "gateway/store/postgres/attempt_days.hpp"
#include "gateway/store/postgres/postgres_schema.hpp"
#include "tests/contract/store/lanes.hpp"
#include "tests/unit/store/postgres_engine.hpp"

using namespace tributary;
using namespace tributary::contract;

namespace {

constexpr Milliseconds kDay = std::chrono::days(1);

// The days of a database are those of its server's clock, from yesterday to a week ahead. 1 to 6 stand even when
// midnight passes meanwhile.
Timestamp day(int from_today) {
    static const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    return today + from_today * kDay;
}

std::string table(int from_today) {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(day(from_today)));
    return fmt::format("attempt_{:04}{:02}{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

std::int64_t ms(Timestamp at) {
    return at.time_since_epoch().count();
}

void sql(const PostgresEngine& engine, const std::string& text) {
    PostgresServer::get().sql(engine.options.dsn, text);
}

void holds(const PostgresEngine& engine, const std::string& condition) {
    INFO(condition);
    sql(engine, "DO $$ BEGIN ASSERT " + condition + "; END $$");
}

// A delivery that was attempted at that time.
Result<void> deliver(store::Session& session, std::uint32_t number, Timestamp when, const std::string& to) {
    const std::vector items{item("lane" + std::to_string(number), number, to)};
    CHECK_OK(session.outbox().enqueue(items));
    TRY(const auto lanes, session.outbox().claim({to, 1, 1, at(1000), std::chrono::seconds(30), "worker"}));
    if (lanes.size() != 1) return fail(Fault::internal, "no lane is due");
    store::LaneResult result{.lease = lanes[0].lease, .at = when};
    result.items.push_back({.seq = lanes[0].items.at(0).seq, .end = store::ItemEnd::delivered});
    CHECK_OK(session.outbox().settle(std::span(&result, 1)));
    return {};
}

void attempt(store::Store& store, std::uint32_t number, Timestamp when) {
    write(store, [&](store::Session& s) { return deliver(s, number, when, "crm"); });
}

std::uint64_t sweep(store::Store& store, Timestamp before, std::size_t limit = 100) {
    return write(store, [&](store::Session& s) { return s.attempts().sweep(before, limit); });
}

std::vector<Timestamp> times(store::Store& store) {
    std::vector<Timestamp> times;
    const store::AttemptFilter of{.customer = uid(900)};
    for (const auto& one : read(store, [&](store::ReadSession& s) { return s.attempts().list(of, 0, 1000); }))
        times.push_back(one.at);
    return times;
}

}  // namespace

TEMPLATE_TEST_CASE("a day of attempts that is over is dropped, and the others stay", "[store][postgres]",
                   PostgresEngine, PooledPostgresEngine) {
    TestType engine;
    auto store = engine.open();
    const auto early = day(2) + std::chrono::hours(1);
    attempt(*store, 1, day(1));
    attempt(*store, 2, day(2) - Milliseconds(1));
    attempt(*store, 3, early);
    attempt(*store, 4, day(6));
    holds(engine, "(SELECT count(DISTINCT tableoid) FROM attempt) = 3 AND NOT EXISTS (SELECT FROM attempt_default)");
    sweep(*store, day(2) - Milliseconds(1));
    CHECK(times(*store).size() == 4);
    CHECK(sweep(*store, day(2) + std::chrono::hours(2)) == 0);  // none one by one
    CHECK(times(*store) == std::vector{day(6), early});
    const auto gone = write(*store, [](store::Session& s) {
        return s.person_rows().remove({.customers = {uid(900)}, .records = {}, .subjects = {}}, uid(1));
    });
    CHECK(gone.attempts == 2);
    CHECK(times(*store).empty());
}

TEST_CASE("days wait for who reads attempts, and hold up nobody", "[store][postgres]") {
    PostgresEngine engine;
    auto store = engine.open(), other = engine.open();
    attempt(*store, 1, day(1));
    sql(engine, "DROP TABLE " + table(5));
    std::promise<void> inside, go;
    std::thread reader([&] {
        CHECK(other->read([&](store::ReadSession& session) -> Result<void> {
            CHECK_OK(session.attempts().list({}, 0, 1));
            inside.set_value();
            go.get_future().wait();
            return {};
        }));
    });
    inside.get_future().wait();
    CHECK(sweep(*store, day(2)) == 0);
    CHECK(times(*store) == std::vector{day(1)});
    attempt(*store, 2, day(2));
    holds(engine, fmt::format("to_regclass('{}') IS NULL", table(5)));
    go.set_value();
    reader.join();
    sweep(*store, day(2));
    CHECK(times(*store) == std::vector{day(2)});
    holds(engine, fmt::format("to_regclass('{}') IS NOT NULL", table(5)));
}

TEST_CASE("an attempt of any time is kept, and goes when it is old", "[store][postgres]") {
    PostgresEngine engine;
    auto store = engine.open();
    SECTION("the past and the future") {
        const auto far = day(30'000);
        if (GENERATE(true, false)) sql(engine, "DROP TABLE attempt_before");  // as after some weeks
        attempt(*store, 1, far);
        for (std::uint32_t n = 2; n <= 6; ++n) attempt(*store, n, Timestamp{Milliseconds(n)});
        CHECK(times(*store).size() == 6);
        for (const std::uint64_t removed : {2, 2, 1, 0}) CHECK(sweep(*store, day(-30), 2) == removed);
        CHECK(times(*store) == std::vector{far});
        CHECK(sweep(*store, far) == 0);
        CHECK(sweep(*store, far + Milliseconds(1)) == 1);
        CHECK(times(*store).empty());
    }
    SECTION("a day that was not made in time") {
        const auto there = fmt::format("to_regclass('{}') IS NOT NULL", table(3));
        sql(engine, "DROP TABLE " + table(3));
        attempt(*store, 1, day(3));
        CHECK(sweep(*store, day(-30)) == 0);
        attempt(*store, 2, day(3));
        holds(engine, "(SELECT count(*) FROM attempt_default) = 2 AND NOT " + there);
        CHECK(sweep(*store, day(3) + Milliseconds(1)) == 2);
        holds(engine, there);
    }
}

TEST_CASE("an older database keeps its attempts, and where they lie", "[store][postgres]") {
    PostgresEngine engine;
    const auto& steps = store::postgres_steps();
    const auto step = std::ranges::find(steps, store::kAttemptDays);
    for (auto one = steps.begin(); one != step; ++one) sql(engine, *one);
    const std::string columns = "at, destination, entity, record, customer, op_key, outcome, detail, took";
    const auto rows =
        fmt::format("INSERT INTO attempt ({}) SELECT n, 1000, 1000, NULL, '\\x{}'::bytea, '', 0, n::text, 1 FROM",
                    columns, to_hex(uid(900).view()));
    // An hour apart, then two odd ones, and one that is gone.
    sql(engine, fmt::format("CREATE TABLE store_version AS SELECT {}::bigint AS version; "
                            "INSERT INTO name VALUES (1000, 'crm'); {} generate_series({}, {}, 3600000) AS n; "
                            "{} (VALUES (0), ({}), (1)) AS odd (n); DELETE FROM attempt WHERE at = 1; "
                            "CREATE TABLE was AS SELECT *, pg_relation_filenode('attempt') AS file FROM attempt",
                            step - steps.begin(), rows, ms(day(-40)), ms(day(1)), rows, ms(day(900))));
    std::vector<std::unique_ptr<store::Store>> nodes(2);
    std::vector<std::thread> openers;
    for (auto& node : nodes)
        openers.emplace_back([&] {
            if (auto opened = engine.try_open()) node = std::move(*opened);
        });
    for (auto& opener : openers) opener.join();
    REQUIRE((nodes[0] && nodes[1]));
    holds(engine, fmt::format("NOT EXISTS (SELECT id, {0} FROM was EXCEPT SELECT id, {0} FROM attempt)", columns));
    holds(engine,
          "(SELECT count(*) FROM was) = (SELECT count(*) FROM attempt) AND (SELECT count(*) FROM attempt) = 987");
    holds(engine, "(SELECT max(file) FROM was) = pg_relation_filenode('attempt_before')");
    holds(engine, "(SELECT count(*) FROM attempt_default) = 1");

    attempt(*nodes[0], 1, day(1));
    attempt(*nodes[1], 2, day(5));
    holds(engine, "(SELECT min(id) FROM attempt WHERE id NOT IN (SELECT id FROM was)) > (SELECT max(id) + 1 FROM was)");
    holds(engine, fmt::format("(SELECT count(*) FROM {}) = 1", table(5)));
    // Ten days of it are 240; then all that is left goes with its last day.
    CHECK(sweep(*nodes[0], day(-30), 200) == 200);
    CHECK(sweep(*nodes[1], day(-30), 200) == 40);
    CHECK(sweep(*nodes[0], day(5), 1) == 1);
    CHECK(times(*nodes[1]) == std::vector{day(5), day(900)});
}

TEST_CASE("two nodes sweep attempts at once while both write some", "[store][postgres]") {
    PostgresEngine engine;
    std::vector<std::unique_ptr<store::Store>> nodes;
    for (int n = 0; n < 2; ++n) nodes.push_back(engine.open());
    constexpr std::uint32_t kEach = 60;
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    const auto repeat = [&](store::Store& node, auto&& use) {
        threads.emplace_back([&node, &failed, use] {
            for (std::uint32_t n = 0; n < kEach; ++n)
                if (!node.write([&](store::Session& s) -> Result<void> {
                        CHECK_OK(use(s, n));
                        return {};
                    }))
                    ++failed;
        });
    };
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        // Half of them belong to a day that is dropped and made again all the time.
        repeat(*nodes[i], [to = "to" + std::to_string(i)](store::Session& s, std::uint32_t n) {
            return deliver(s, n, day(n % 2 == 0 ? 1 : 2), to);
        });
        repeat(*nodes[i], [](store::Session& s, std::uint32_t) { return s.attempts().sweep(day(2), 100); });
    }
    for (auto& thread : threads) thread.join();
    sweep(*nodes[0], day(2));
    const auto left = times(*nodes[1]);
    std::cout << "two nodes that sweep: " << 2 * kEach << " sweeps, " << failed << " of " << 4 * kEach
              << " writes failed, of " << 2 * kEach << " attempts " << left.size() << " are not old and there\n";
    CHECK(failed == 0);
    CHECK(left == std::vector<Timestamp>(kEach, day(2)));
    holds(engine, "NOT EXISTS (SELECT FROM attempt_default)");
}

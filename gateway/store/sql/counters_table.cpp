#include "gateway/store/sql/counters_table.hpp"

#include <algorithm>
#include <tuple>

#include "gateway/store/sql/inbox_depth.hpp"
#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

constexpr const char* kCountersSql = "SELECT counter, name, stream, count FROM counter ORDER BY name, stream";
constexpr const char* kCounterLanes =
    "SELECT destination, sum(depth), sum(blocked), min(head_at) FROM lane WHERE depth > 0 GROUP BY destination";
constexpr const char* kWithheld = "SELECT destination, count(*) FROM withheld GROUP BY destination";
constexpr const char* kDead =
    "SELECT destination, count(*) FROM dead_letter WHERE redriven_at IS NULL GROUP BY destination";
constexpr const char* kPausedDestinations = "SELECT name FROM destination WHERE paused = 1";
constexpr const char* kTotals =
    "SELECT (SELECT count(*) FROM source_record), (SELECT count(*) FROM customer), "
    "(SELECT count(*) FROM dead_letter WHERE redriven_at IS NULL), (SELECT count(*) FROM withheld)";
constexpr const char* kAddCounter =
    "INSERT INTO counter (counter, name, stream, count) VALUES (?1, ?2, ?3, ?4) "
    "ON CONFLICT (counter, name, stream) DO UPDATE SET count = counter.count + excluded.count";

StreamStats& stream_of(Stats& stats, const std::string& connection, const std::string& stream) {
    for (auto& known : stats.streams) {
        if (known.connection == connection && known.stream == stream) return known;
    }
    return stats.streams.emplace_back(connection, stream);
}

DestinationStats& destination_of(Stats& stats, const std::string& destination) {
    for (auto& known : stats.destinations) {
        if (known.destination == destination) return known;
    }
    return stats.destinations.emplace_back(destination);
}

void note(Stats& stats, Counter counter, const std::string& name, const std::string& stream, std::uint64_t count) {
    switch (counter) {
        case Counter::accepted:
            stream_of(stats, name, stream).accepted = count;
            break;
        case Counter::duplicate:
            stream_of(stats, name, stream).duplicate = count;
            break;
        case Counter::mapped:
            stream_of(stats, name, stream).mapped = count;
            break;
        case Counter::unchanged:
            stream_of(stats, name, stream).unchanged = count;
            break;
        case Counter::quarantined:
            stream_of(stats, name, stream).quarantined = count;
            break;
        case Counter::delivered:
            destination_of(stats, name).delivered = count;
            break;
        case Counter::retried:
            destination_of(stats, name).retried = count;
            break;
        case Counter::superseded:
            destination_of(stats, name).superseded = count;
            break;
        case Counter::withheld:
            destination_of(stats, name).withheld_total = count;
            break;
        case Counter::dead:
            destination_of(stats, name).dead_total = count;
            break;
    }
}

}  // namespace

CountersReads::CountersReads(Connection& connection)
    : connection_(connection),
      counters_(connection, kCountersSql),
      lanes_(connection, kCounterLanes),
      withheld_(connection, kWithheld),
      dead_(connection, kDead),
      paused_(connection, kPausedDestinations),
      inbox_(connection, inbox_depth(connection)),
      totals_(connection, kTotals) {}

Result<void> CountersReads::read_counters(Stats& stats) {
    return counters_.each([&](const Row& row) {
        int counter = 0;
        std::uint64_t count = 0;
        std::string name, stream;
        row.read(counter, Named{name}, Named{stream}, count);
        note(stats, static_cast<Counter>(counter), name, stream, count);
    });
}

Result<void> CountersReads::read_destinations(Stats& stats) {
    std::string name;
    CHECK_OK(lanes_.each([&](const Row& row) {
        DestinationStats read;
        row.read(Named{name}, read.queued, read.blocked_lanes, read.oldest);
        auto& into = destination_of(stats, name);
        into.queued = read.queued;
        into.blocked_lanes = read.blocked_lanes;
        into.oldest = read.oldest;
    }));
    std::uint64_t count = 0;
    CHECK_OK(withheld_.each([&](const Row& row) {
        row.read(Named{name}, count);
        destination_of(stats, name).withheld = count;
    }));
    CHECK_OK(dead_.each([&](const Row& row) {
        row.read(Named{name}, count);
        if (!name.empty()) destination_of(stats, name).dead = count;
    }));
    return paused_.each([&](const Row& row) {
        row.read(Named{name});
        destination_of(stats, name).paused = true;
    });
}

Result<void> CountersReads::read_totals(Stats& stats) {
    CHECK_OK(inbox_.first([&](const Row& row) { row.read(stats.inbox_waiting, stats.inbox_oldest); }));
    CHECK_OK(totals_.first(
        [&](const Row& row) { row.read(stats.records, stats.customers, stats.dead_letters, stats.withheld); }));
    return {};
}

Result<Stats> CountersReads::stats() {
    Stats stats;
    CHECK_OK(read_counters(stats));
    CHECK_OK(read_destinations(stats));
    CHECK_OK(read_totals(stats));
    std::ranges::sort(stats.streams, {}, [](const auto& row) { return std::tie(row.connection, row.stream); });
    std::ranges::sort(stats.destinations, {}, &DestinationStats::destination);
    return stats;
}

CountersTable::CountersTable(Connection& connection) : CountersReads(connection), add_(connection, kAddCounter) {}

Result<void> CountersTable::count(Counter counter, const std::string& name, const std::string& stream,
                                  std::uint64_t count) {
    const CounterDelta one{counter, name, stream, count};
    return add(std::span(&one, 1));
}

Result<void> CountersTable::add(std::span<const CounterDelta> deltas) {
    std::vector<const CounterDelta*> some;
    for (const auto& delta : deltas)
        if (delta.count > 0) some.push_back(&delta);
    return add_.run_all(some.size(), [&](std::size_t i, auto&& with) -> Result<void> {
        TRY(const auto name, connection_.names().id(some[i]->name));
        TRY(const auto stream, connection_.names().id(some[i]->stream));
        return with(static_cast<int>(some[i]->counter), name, stream, some[i]->count);
    });
}

}  // namespace tributary::store

#include "gateway/store/sql/outbox_table.hpp"

#include "gateway/store/sql/lane_depth.hpp"
#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

// A lane that was empty is due from the item's creation on, or when the delay of an earlier failure ends.
constexpr const char* kLane =
    "INSERT INTO lane (destination, lane_key, next_seq, depth, next_run_at, head_at) VALUES (?1, ?2, 2, 1, ?3, ?3) "
    "ON CONFLICT (destination, lane_key) DO UPDATE SET next_seq = lane.next_seq + 1, depth = lane.depth + 1, "
    "next_run_at = CASE WHEN lane.depth = 0 AND lane.next_run_at < excluded.next_run_at THEN excluded.next_run_at ELSE "
    "lane.next_run_at END, "
    "head_at = CASE lane.depth WHEN 0 THEN excluded.head_at ELSE lane.head_at END RETURNING id, next_seq - 1";
constexpr const char* kItem =
    "INSERT INTO item (lane, seq, entity, record, customer, operation, op_key, subject, origin, mapping_version, "
    "created_at, "
    "supersede, clear, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
constexpr const char* kPause =
    "INSERT INTO destination (name, paused, reason, until, since) VALUES (?1, 1, ?2, ?3, ?4) ON CONFLICT (name) DO "
    "UPDATE SET "
    "since = CASE destination.paused WHEN 0 THEN excluded.since ELSE destination.since END, paused = 1, reason = "
    "excluded.reason, until = "
    "excluded.until";
constexpr const char* kResume = "UPDATE destination SET paused = 0, reason = '', until = NULL WHERE name = ?1";
constexpr const char* kUnblock =
    "UPDATE lane SET blocked = 0, fail_count = 0, first_failed_at = NULL, expired_count = 0, killed_count = 0, error = "
    "'', "
    "next_run_at = ?2 WHERE id = ?1";
constexpr const char* kHeld = "SELECT lease_until IS NOT NULL FROM lane WHERE id = ?1";
constexpr const char* kDropOutbox = "DELETE FROM item WHERE lane = ?1 AND seq = ?2";

}  // namespace

OutboxTable::OutboxTable(Connection& connection, CountersTable& counters, AttemptsTable& attempts,
                         DeadLettersTable& dead_letters)
    : OutboxReads(connection),
      claims_(connection, *this),
      settling_(connection, counters, attempts, dead_letters),
      reaping_(connection, dead_letters),
      lane_(connection, kLane),
      item_(connection, kItem),
      pause_(connection, kPause),
      resume_(connection, kResume),
      unblock_(connection, kUnblock),
      held_(connection, kHeld),
      drop_(connection, kDropOutbox),
      shrink_(connection, kShrinkLane) {}

Result<std::vector<std::int64_t>> OutboxTable::enqueue(std::span<const NewItem> items) {
    auto& names = connection_.names();
    std::vector<std::int64_t> lanes(items.size()), seqs(items.size());
    CHECK_OK(lane_.each_of_all(
        items.size(),
        [&](std::size_t i, auto&& with) -> Result<void> {
            TRY(const auto destination, names.id(items[i].destination));
            return with(destination, items[i].lane_key, items[i].created_at);
        },
        [&](std::size_t i, const Row& row) { row.read(lanes[i], seqs[i]); }));
    CHECK_OK(item_.run_all(items.size(), [&](std::size_t i, auto&& with) -> Result<void> {
        const auto& item = items[i];
        TRY(const auto entity, names.id(item.entity));
        TRY(const auto operation, names.id(item.operation));
        TRY(const auto origin, names.id(item.origin));
        TRY(const auto mapping, names.id(item.mapping_version));
        return with(lanes[i], seqs[i], entity, item.record, item.customer, operation, item.op_key, item.subject, origin,
                    mapping, item.created_at, item.supersede, item.clear, Blob{item.sealed});
    }));
    return seqs;
}

Result<void> OutboxTable::pause(const std::string& destination, const std::string& reason, Timestamp now,
                                std::optional<Timestamp> until) {
    TRY(const auto id, connection_.names().id(destination));
    CHECK_OK(pause_.run(id, reason, until, now));
    return {};
}

Result<void> OutboxTable::resume(const std::string& destination) {
    TRY(const auto id, connection_.names().id(destination));
    CHECK_OK(resume_.run(id));
    return {};
}

Result<void> OutboxTable::unblock(std::int64_t lane, Timestamp now) {
    TRY(const auto changed, unblock_.run(lane, now));
    if (changed == 0) return fail(Fault::not_found, "there is no such lane", "lane " + std::to_string(lane));
    return {};
}

Result<std::uint64_t> OutboxTable::drop(std::int64_t lane, std::span<const std::int64_t> seqs) {
    bool held = false;
    CHECK_OK(held_.first([&](const Row& row) { row.read(held); }, lane));
    if (held)
        return fail(Fault::conflict, "a delivery is under way: try again when it ended",
                    "lane " + std::to_string(lane));
    std::int64_t dropped = 0;
    for (const auto seq : seqs) {
        TRY(const auto changed, drop_.run(lane, seq));
        dropped += changed;
    }
    if (dropped > 0) CHECK_OK(shrink_.run(lane, dropped));
    return static_cast<std::uint64_t>(dropped);
}

}  // namespace tributary::store

#include <algorithm>

#include "gateway/store/sql/names.hpp"
#include "gateway/store/sql/outbox_table.hpp"

namespace tributary::store {
namespace {

constexpr const char* kDepths =
    "SELECT destination, sum(depth), count(*), sum(blocked), sum(blocked * depth), min(head_at) FROM lane WHERE depth "
    "> 0 "
    "GROUP BY destination";
constexpr const char* kDestinations = "SELECT name, paused, reason, until, since FROM destination";
constexpr const char* kOutboxLanes =
    "SELECT id, destination, lane_key, depth, fail_count, expired_count + killed_count, lease_until IS NOT NULL, "
    "blocked, "
    "next_run_at, head_at, error FROM lane WHERE id > ?1 AND depth > 0 "
    "AND (?2 IS NULL OR destination = (SELECT id FROM name WHERE text = ?2)) AND (?3 IS NULL OR lane_key = ?3) "
    "AND blocked >= ?4 ORDER BY id LIMIT ?5";
constexpr const char* kItems =
    "SELECT seq, entity, record, customer, operation, op_key, subject, origin, mapping_version, created_at, supersede, "
    "clear, "
    "sealed FROM item WHERE lane = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
constexpr const char* kNameOf = "SELECT destination, lane_key FROM lane WHERE id = ?1";
constexpr const char* kDueOutbox =
    "SELECT next_run_at FROM lane INDEXED BY lane_ready WHERE destination = ?1 AND lease_until IS NULL AND depth > 0 "
    "AND blocked = 0 ORDER BY next_run_at LIMIT 1";
constexpr const char* kPausedUntil = "SELECT until FROM destination WHERE name = ?1 AND paused = 1";

Item read_item(const Row& row) {
    Item item;
    row.read(item.seq, Named{item.entity}, item.record, item.customer, Named{item.operation}, item.op_key, item.subject,
             Named{item.origin}, Named{item.mapping_version}, item.created_at, item.supersede, item.clear, item.sealed);
    return item;
}

}  // namespace

OutboxReads::OutboxReads(Connection& connection)
    : connection_(connection),
      depths_(connection, kDepths),
      destinations_(connection, kDestinations),
      lanes_(connection, kOutboxLanes),
      items_(connection, kItems),
      name_of_(connection, kNameOf),
      due_(connection, kDueOutbox),
      paused_(connection, kPausedUntil) {}

Result<std::vector<DestinationDepth>> OutboxReads::depths() {
    std::vector<DestinationDepth> depths;
    CHECK_OK(depths_.each([&](const Row& row) {
        auto& one = depths.emplace_back();
        row.read(Named{one.destination}, one.items, one.lanes, one.blocked_lanes, one.blocked_items, one.oldest);
    }));
    std::ranges::sort(depths, {}, &DestinationDepth::destination);
    return depths;
}

Result<std::vector<DestinationState>> OutboxReads::destinations() {
    std::vector<DestinationState> states;
    CHECK_OK(destinations_.each([&](const Row& row) {
        auto& one = states.emplace_back();
        row.read(Named{one.destination}, one.paused, one.reason, one.until, one.since);
    }));
    std::ranges::sort(states, {}, &DestinationState::destination);
    return states;
}

Result<std::vector<LaneRow>> OutboxReads::lanes(const LaneFilter& filter, std::int64_t after, std::size_t limit) {
    std::vector<LaneRow> lanes;
    CHECK_OK(lanes_.each(
        [&](const Row& row) {
            auto& one = lanes.emplace_back();
            row.read(one.lane, Named{one.destination}, one.lane_key, one.depth, one.fail_count, one.crash_count,
                     one.leased, one.blocked, one.next_run_at, one.oldest, one.error);
        },
        after, filter.destination, filter.lane_key, filter.blocked_only, limit));
    return lanes;
}

Result<std::vector<Item>> OutboxReads::items(std::int64_t lane, std::int64_t after_seq, std::size_t limit) {
    std::vector<Item> items;
    std::string destination, lane_key;
    CHECK_OK(name_of_.first([&](const Row& row) { row.read(Named{destination}, lane_key); }, lane));
    CHECK_OK(items_.each(
        [&](const Row& row) {
            auto& item = items.emplace_back(read_item(row));
            item.destination = destination;
            item.lane_key = lane_key;
        },
        lane, after_seq, limit));
    return items;
}

Result<std::vector<std::vector<Item>>> OutboxReads::items_of(std::span<const std::int64_t> lanes, std::size_t limit) {
    std::vector<std::vector<Item>> items(lanes.size());
    CHECK_OK(items_.each_of_all(
        lanes.size(), [&](std::size_t i, auto&& with) { return with(lanes[i], 0, limit); },
        [&](std::size_t i, const Row& row) { items[i].push_back(read_item(row)); }));
    return items;
}

Result<std::optional<Timestamp>> OutboxReads::next_due(const std::string& destination) {
    std::optional<Timestamp> due;
    TRY(const auto id, connection_.names().find(destination));
    if (!id) return due;
    CHECK_OK(due_.first([&](const Row& row) { row.read(due); }, *id));
    std::optional<Timestamp> until;
    TRY(const bool paused, paused_.first([&](const Row& row) { row.read(until); }, *id));
    if (!paused || !due) return due;
    if (!until) return std::optional<Timestamp>();
    return std::max(*due, *until);
}

}  // namespace tributary::store

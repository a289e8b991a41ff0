#include "gateway/store/sql/lane_claims.hpp"

#include "gateway/store/sql/names.hpp"
#include "gateway/store/sql/outbox_table.hpp"

namespace tributary::store {
namespace {

constexpr const char* kReopen =
    "UPDATE destination SET paused = 0, reason = '', until = NULL WHERE name = ?1 AND paused = 1 AND until <= ?2";
constexpr const char* kPausedLane = "SELECT 1 FROM destination WHERE name = ?1 AND paused = 1";
constexpr const char* kReady =
    "SELECT id FROM lane INDEXED BY lane_ready WHERE destination = ?1 AND lease_until IS NULL AND depth > 0 AND "
    "blocked = 0 "
    "AND next_run_at <= ?2 ORDER BY next_run_at LIMIT ?3";
constexpr const char* kLeaseLane =
    "UPDATE lane SET lease_until = ?2, owner = ?3, epoch = epoch + 1 WHERE id = ?1 "
    "RETURNING epoch, lane_key, fail_count, expired_count + killed_count, first_failed_at, depth";
constexpr const char* kExtendLane =
    "UPDATE lane SET lease_until = ?3 WHERE id = ?1 AND epoch = ?2 AND lease_until IS NOT NULL";
constexpr const char* kReleaseLane =
    "UPDATE lane SET lease_until = NULL WHERE id = ?1 AND epoch = ?2 AND lease_until IS NOT NULL";

}  // namespace

LaneClaims::LaneClaims(Connection& connection, OutboxReads& outbox)
    : connection_(connection),
      outbox_(outbox),
      reopen_(connection, kReopen),
      paused_(connection, kPausedLane),
      ready_(connection, kReady),
      lease_(connection, kLeaseLane),
      extend_(connection, kExtendLane),
      release_(connection, kReleaseLane) {}

Result<bool> LaneClaims::is_paused(std::int64_t destination, Timestamp now) {
    TRY(const bool paused, paused_.first([](const Row&) {}, destination));
    if (!paused) return false;
    TRY(const auto reopened, reopen_.run(destination, now));
    return reopened == 0;
}

Result<std::vector<ClaimedLane>> LaneClaims::claim(const LaneClaim& claim) {
    std::vector<ClaimedLane> lanes;
    TRY(const auto destination, connection_.names().find(claim.destination));
    if (!destination) return lanes;
    TRY(const bool paused, is_paused(*destination, claim.now));
    if (paused) return lanes;
    std::vector<std::int64_t> ready;
    CHECK_OK(
        ready_.each([&](const Row& row) { ready.push_back(row.integer(0)); }, *destination, claim.now, claim.lanes));
    std::vector<std::uint64_t> depths(ready.size());
    for (const auto lane : ready)
        lanes.push_back(
            {.lease = {.lane = lane}, .destination = claim.destination, .lease_until = claim.now + claim.lease});
    CHECK_OK(lease_.each_of_all(
        lanes.size(),
        [&](std::size_t i, auto&& with) {
            return with(ready[i], connection_.lease_time(lanes[i].lease_until),
                        connection_.shared() ? connection_.node() : std::string_view(claim.owner));
        },
        [&](std::size_t i, const Row& row) {
            auto& claimed = lanes[i];
            row.read(claimed.lease.token, claimed.lane_key, claimed.fail_count, claimed.crash_count,
                     claimed.first_failed_at, depths[i]);
        }));
    TRY(auto items, outbox_.items_of(ready, claim.items));
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        for (auto& item : items[i]) {
            item.destination = claim.destination;
            item.lane_key = lanes[i].lane_key;
        }
        lanes[i].items = std::move(items[i]);
        lanes[i].more = lanes[i].items.size() < depths[i];
    }
    return lanes;
}

Result<std::vector<bool>> LaneClaims::heartbeat(std::span<const LaneLease> leases, Timestamp until) {
    std::vector<bool> held(leases.size());
    CHECK_OK(extend_.run_all(
        leases.size(),
        [&](std::size_t i, auto&& with) {
            return with(leases[i].lane, leases[i].token, connection_.lease_time(until));
        },
        [&](std::size_t i, std::int64_t extended) { held[i] = extended == 1; }));
    return held;
}

Result<void> LaneClaims::release(std::span<const LaneLease> leases) {
    return release_.run_all(leases.size(),
                            [&](std::size_t i, auto&& with) { return with(leases[i].lane, leases[i].token); });
}

}  // namespace tributary::store

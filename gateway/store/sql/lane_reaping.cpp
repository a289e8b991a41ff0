#include "gateway/store/sql/lane_reaping.hpp"

#include <algorithm>
#include <limits>

#include "gateway/store/sql/lane_depth.hpp"
#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

constexpr const char* kLeased =
    "SELECT id, destination, lane_key, expired_count, killed_count FROM lane WHERE lease_until IS NOT NULL AND "
    "lease_until < ?1";
constexpr const char* kFree =
    "UPDATE lane SET lease_until = NULL, expired_count = ?2, killed_count = ?3, next_run_at = ?4 WHERE id = ?1";
constexpr const char* kBlock = "UPDATE lane SET blocked = 1, error = ?2 WHERE id = ?1";
constexpr const char* kBuryReaped =
    "DELETE FROM item WHERE lane = ?1 AND seq = (SELECT min(seq) FROM item WHERE lane = ?1) "
    "RETURNING entity, operation, origin, mapping_version, record, customer, op_key, subject, clear, sealed";

constexpr std::uint32_t kLongestShift = 12;  // a little more than an hour

Milliseconds delay_after(std::uint32_t crashes) {
    return std::chrono::seconds{1LL << std::min(crashes, kLongestShift)};
}

}  // namespace

struct LaneReaping::Leased {
    std::int64_t lane = 0;
    std::string destination, lane_key;
    std::uint32_t expired = 0, killed = 0;
};

struct LaneReaping::Rule {
    std::uint32_t Leased::* counts;
    std::uint32_t poison_at;
    const char* cause;
};

LaneReaping::LaneReaping(Connection& connection, DeadLettersTable& dead_letters)
    : connection_(connection),
      dead_letters_(dead_letters),
      leased_(connection, kLeased),
      free_(connection, kFree),
      block_(connection, kBlock),
      bury_(connection, kBuryReaped),
      shrink_(connection, kShrinkLane) {}

Result<std::vector<ReapedLane>> LaneReaping::reap(Timestamp now) {
    return take_back(connection_.lease_time(now), now,
                     {&Leased::expired, 3, "three leases in a row ran out without an answer"});
}

Result<std::vector<ReapedLane>> LaneReaping::reclaim(Timestamp now) {
    const Timestamp forever{Milliseconds{std::numeric_limits<std::int64_t>::max()}};
    return take_back(forever, now,
                     {&Leased::killed, 10, "the gateway was killed ten times in a row during this delivery"});
}

Result<std::vector<ReapedLane>> LaneReaping::take_back(Timestamp expired_before, Timestamp now, const Rule& rule) {
    std::vector<Leased> leased;
    CHECK_OK(leased_.each(
        [&](const Row& row) {
            auto& one = leased.emplace_back();
            row.read(one.lane, Named{one.destination}, one.lane_key, one.expired, one.killed);
        },
        expired_before));
    std::vector<ReapedLane> reaped;
    reaped.reserve(leased.size());
    for (auto& lane : leased) {
        ++(lane.*rule.counts);
        TRY(auto one, take_back(lane, now, rule));
        reaped.push_back(std::move(one));
    }
    return reaped;
}

Result<ReapedLane> LaneReaping::take_back(const Leased& lane, Timestamp now, const Rule& rule) {
    const auto crashes = lane.expired + lane.killed;
    ReapedLane reaped{lane.lane, lane.destination, lane.lane_key, crashes, lane.*rule.counts >= rule.poison_at};
    CHECK_OK(free_.run(lane.lane, lane.expired, lane.killed, now + delay_after(crashes)));
    if (reaped.poisoned) {
        CHECK_OK(block_.run(lane.lane, rule.cause));
        TRY(const bool room, dead_letters_.has_room());
        if (room) CHECK_OK(bury_head(reaped, now, rule.cause));
    }
    return reaped;
}

Result<void> LaneReaping::bury_head(const ReapedLane& lane, Timestamp now, const char* cause) {
    NewDeadLetter letter{.stage = "poison", .fault = Fault::internal, .cause = cause, .destination = lane.destination};
    TRY(const bool found, bury_.first(
                              [&](const Row& row) {
                                  row.read(Named{letter.entity}, Named{letter.operation}, Named{letter.connection},
                                           Named{letter.mapping_version}, letter.record, letter.customer, letter.op_key,
                                           letter.subject, letter.clear, letter.sealed);
                              },
                              lane.lane));
    if (!found) return {};
    letter.first_failed_at = letter.last_failed_at = now;
    letter.attempts = lane.crash_count;
    CHECK_OK(dead_letters_.put(std::span(&letter, 1)));
    CHECK_OK(shrink_.run(lane.lane, 1));
    return {};
}

}  // namespace tributary::store

#include "gateway/store/sql/lane_settling.hpp"

#include <algorithm>

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

constexpr const char* kFenced =
    "SELECT destination, depth, fail_count, first_failed_at FROM lane WHERE id = ?1 AND epoch = ?2 AND lease_until IS "
    "NOT NULL";
constexpr const char* kEnd = "DELETE FROM item WHERE lane = ?1 AND seq = ?2 RETURNING entity, record, customer, op_key";
constexpr const char* kPeek = "SELECT entity, record, customer, op_key FROM item WHERE lane = ?1 AND seq = ?2";
constexpr const char* kBurySettled =
    "DELETE FROM item WHERE lane = ?1 AND seq = ?2 "
    "RETURNING entity, record, customer, op_key, entity, operation, subject, origin, mapping_version, created_at, "
    "clear, sealed";
constexpr const char* kSettle =
    "UPDATE lane SET depth = ?2, lease_until = NULL, next_run_at = ?3, fail_count = ?4, "
    "first_failed_at = CASE CAST(?4 AS INTEGER) WHEN 0 THEN NULL ELSE coalesce(first_failed_at, ?5) END, "
    "expired_count = CASE CAST(?8 AS INTEGER) WHEN 0 THEN expired_count ELSE 0 END, "
    "killed_count = CASE CAST(?8 AS INTEGER) WHEN 0 THEN killed_count ELSE 0 END, blocked = ?6, error = ?7, "
    "head_at = coalesce((SELECT created_at FROM item WHERE lane = ?1 ORDER BY seq LIMIT 1), head_at) WHERE id = ?1";

// Whether something was learnt about the head of the lane. If not, what a holder before may have sent is as uncertain
// as it was: whoever comes next must know of the lease that ran out.
bool was_heard(const LaneResult& result) {
    return result.fail_count > 0 || std::ranges::any_of(result.items, [](const ItemResult& item) {
               return item.attempted || item.end != ItemEnd::kept;
           });
}

// What the caller left out is known from the item.
void fill(std::string& into, std::string&& from) {
    if (into.empty()) into = std::move(from);
}

}  // namespace

struct LaneSettling::Lane {
    std::int64_t destination = 0;
    std::int64_t depth = 0;
    std::uint32_t fail_count = 0;
    std::optional<Timestamp> first_failed_at;
    std::string destination_name;
    std::uint64_t delivered = 0, superseded = 0, retried = 0;
};

LaneSettling::LaneSettling(Connection& connection, CountersTable& counters, AttemptsTable& attempts,
                           DeadLettersTable& dead_letters)
    : connection_(connection),
      counters_(counters),
      attempts_(attempts),
      dead_letters_(dead_letters),
      fenced_(connection, kFenced),
      end_(connection, kEnd),
      peek_(connection, kPeek),
      bury_(connection, kBurySettled),
      settle_(connection, kSettle) {}

Result<std::vector<Settled>> LaneSettling::settle(std::span<const LaneResult> results) {
    std::vector<Settled> settled;
    settled.reserve(results.size());
    for (const auto& result : results) {
        TRY(const auto one, settle_lane(result));
        settled.push_back(one);
    }
    return settled;
}

Result<Settled> LaneSettling::settle_lane(const LaneResult& result) {
    Lane lane;
    TRY(const bool held,
        fenced_.first(
            [&](const Row& row) { row.read(lane.destination, lane.depth, lane.fail_count, lane.first_failed_at); },
            result.lease.lane, result.lease.token));
    if (!held) return Settled::lease_lost;
    lane.destination_name = connection_.names().text(lane.destination);
    for (const auto& item : result.items) CHECK_OK(settle_item(lane, result, item));
    CHECK_OK(settle_.run(result.lease.lane, lane.depth, result.retry_at.value_or(result.at), result.fail_count,
                         result.at, result.block, result.error, was_heard(result)));
    CHECK_OK(count(lane));
    return Settled::settled;
}

Result<void> LaneSettling::settle_item(Lane& lane, const LaneResult& result, const ItemResult& item) {
    NewAttempt attempt{
        .at = result.at, .destination = lane.destination, .outcome = static_cast<int>(item.end), .took = item.took};
    bool found = false;
    if (item.end == ItemEnd::buried) {
        TRY(found, bury(lane, result, item, attempt));
    } else {
        auto& statement = item.end == ItemEnd::kept ? peek_ : end_;
        const auto use = [&](const Row& row) {
            row.read(attempt.entity, attempt.record, attempt.customer, attempt.op_key);
        };
        TRY(found, statement.first(use, result.lease.lane, item.seq));
    }
    if (!found)
        return fail(Fault::internal, "the lane holds no item of that seq", "lane " + std::to_string(result.lease.lane));
    if (item.end != ItemEnd::kept) --lane.depth;
    if (item.end == ItemEnd::delivered) ++lane.delivered;
    if (item.end == ItemEnd::superseded) ++lane.superseded;
    if (item.end == ItemEnd::kept && item.attempted) ++lane.retried;
    if (item.attempted) CHECK_OK(attempts_.put(attempt, item.detail));
    return {};
}

Result<bool> LaneSettling::bury(const Lane& lane, const LaneResult& result, const ItemResult& item,
                                NewAttempt& attempt) {
    NewDeadLetter letter = item.dead.value_or(NewDeadLetter{.stage = "deliver", .cause = result.error});
    std::string entity, operation, origin, mapping_version, clear, sealed;
    Timestamp created_at;
    TRY(const bool found, bury_.first(
                              [&](const Row& row) {
                                  Uid subject;
                                  row.read(attempt.entity, attempt.record, attempt.customer, attempt.op_key,
                                           Named{entity}, Named{operation}, subject, Named{origin},
                                           Named{mapping_version}, created_at, clear, sealed);
                                  if (letter.subject.is_nil()) letter.subject = subject;
                              },
                              result.lease.lane, item.seq));
    if (!found) return false;
    letter.destination = lane.destination_name;
    fill(letter.entity, std::move(entity));
    fill(letter.operation, std::move(operation));
    fill(letter.connection, std::move(origin));
    fill(letter.mapping_version, std::move(mapping_version));
    if (letter.clear.empty() && letter.sealed.empty()) {
        letter.clear = std::move(clear);
        letter.sealed = std::move(sealed);
    }
    if (letter.record.is_nil()) letter.record = attempt.record;
    if (letter.customer.is_nil()) letter.customer = attempt.customer;
    letter.op_key = attempt.op_key;
    if (letter.attempts == 0) letter.attempts = lane.fail_count + (item.attempted ? 1 : 0);
    if (letter.last_failed_at == Timestamp{}) letter.last_failed_at = result.at;
    if (letter.first_failed_at == Timestamp{}) letter.first_failed_at = lane.first_failed_at.value_or(result.at);
    CHECK_OK(dead_letters_.put(std::span(&letter, 1)));
    return true;
}

Result<void> LaneSettling::count(const Lane& lane) {
    CHECK_OK(counters_.count(Counter::delivered, lane.destination_name, {}, lane.delivered));
    CHECK_OK(counters_.count(Counter::superseded, lane.destination_name, {}, lane.superseded));
    return counters_.count(Counter::retried, lane.destination_name, {}, lane.retried);
}

}  // namespace tributary::store

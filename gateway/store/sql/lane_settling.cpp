#include "gateway/store/sql/lane_settling.hpp"

#include <algorithm>
#include <map>

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
// as it was: whoever comes next must know of the lease that ran out. `left`: items that stay in the lane.
bool was_heard(const LaneResult& result, std::int64_t left) {
    if (result.unsure && left > 0) return false;
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
    const LaneResult* result = nullptr;
    bool held = false;
    std::int64_t destination = 0;
    std::int64_t depth = 0;
    std::uint32_t fail_count = 0;
    std::optional<Timestamp> first_failed_at;
    std::string destination_name;
    std::uint64_t delivered = 0, superseded = 0, retried = 0;
};

struct LaneSettling::Item {
    Lane* lane = nullptr;
    const ItemResult* result = nullptr;
    NewAttempt attempt;
    bool found = false;
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
    TRY(auto lanes, fenced(results));
    auto items = items_of(results, lanes);
    CHECK_OK(end(items, ItemEnd::kept, peek_));
    CHECK_OK(end(items, std::nullopt, end_));
    for (auto& item : items) {
        if (item.result->end != ItemEnd::buried) continue;
        TRY(item.found, bury(*item.lane, *item.result, item.attempt));
    }
    std::vector<NewAttempt> attempts;
    for (const auto& item : items) {
        if (!item.found)
            return fail(Fault::internal, "the lane holds no item of that seq",
                        "lane " + std::to_string(item.lane->result->lease.lane));
        tally(*item.lane, *item.result);
        if (item.result->attempted) attempts.push_back(item.attempt);
    }
    CHECK_OK(attempts_.put(attempts));
    CHECK_OK(write(lanes));
    CHECK_OK(count(lanes));
    std::vector<Settled> settled;
    for (const auto& lane : lanes) settled.push_back(lane.held ? Settled::settled : Settled::lease_lost);
    return settled;
}

Result<std::vector<LaneSettling::Lane>> LaneSettling::fenced(std::span<const LaneResult> results) {
    std::vector<Lane> lanes(results.size());
    CHECK_OK(fenced_.each_of_all(
        results.size(), [&](std::size_t i, auto&& with) { return with(results[i].lease.lane, results[i].lease.token); },
        [&](std::size_t i, const Row& row) {
            auto& lane = lanes[i];
            lane.held = true;
            row.read(lane.destination, lane.depth, lane.fail_count, lane.first_failed_at);
        }));
    for (std::size_t i = 0; i < results.size(); ++i) {
        lanes[i].result = &results[i];
        if (lanes[i].held) lanes[i].destination_name = connection_.names().text(lanes[i].destination);
    }
    return lanes;
}

std::vector<LaneSettling::Item> LaneSettling::items_of(std::span<const LaneResult> results, std::span<Lane> lanes) {
    std::vector<Item> items;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!lanes[i].held) continue;
        for (const auto& item : results[i].items)
            items.push_back({.lane = &lanes[i],
                             .result = &item,
                             .attempt = {.at = results[i].at,
                                         .destination = lanes[i].destination,
                                         .outcome = static_cast<int>(item.end),
                                         .took = item.took,
                                         .detail = item.detail}});
    }
    return items;
}

// Those that end so, or, without an end, those that leave the lane alive.
Result<void> LaneSettling::end(std::span<Item> items, std::optional<ItemEnd> how, Statement& statement) {
    std::vector<Item*> some;
    for (auto& item : items) {
        const auto ended = item.result->end;
        if (how ? ended == *how : ended != ItemEnd::kept && ended != ItemEnd::buried) some.push_back(&item);
    }
    return statement.each_of_all(
        some.size(),
        [&](std::size_t i, auto&& with) { return with(some[i]->lane->result->lease.lane, some[i]->result->seq); },
        [&](std::size_t i, const Row& row) {
            auto& attempt = some[i]->attempt;
            some[i]->found = true;
            row.read(attempt.entity, attempt.record, attempt.customer, attempt.op_key);
        });
}

void LaneSettling::tally(Lane& lane, const ItemResult& item) {
    if (item.end != ItemEnd::kept) --lane.depth;
    if (item.end == ItemEnd::delivered) ++lane.delivered;
    if (item.end == ItemEnd::superseded) ++lane.superseded;
    if (item.end == ItemEnd::kept && item.attempted) ++lane.retried;
}

Result<void> LaneSettling::write(std::span<const Lane> lanes) {
    std::vector<const Lane*> held;
    for (const auto& lane : lanes)
        if (lane.held) held.push_back(&lane);
    return settle_.run_all(held.size(), [&](std::size_t i, auto&& with) {
        const auto& result = *held[i]->result;
        return with(result.lease.lane, held[i]->depth, result.retry_at.value_or(result.at), result.fail_count,
                    result.at, result.block, result.error, was_heard(result, held[i]->depth));
    });
}

Result<bool> LaneSettling::bury(const Lane& lane, const ItemResult& item, NewAttempt& attempt) {
    const auto& result = *lane.result;
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

Result<void> LaneSettling::count(std::span<const Lane> lanes) {
    std::map<std::string_view, Lane> sums;
    for (const auto& lane : lanes) {
        auto& sum = sums[lane.destination_name];
        sum.delivered += lane.delivered;
        sum.superseded += lane.superseded;
        sum.retried += lane.retried;
    }
    std::vector<CounterDelta> deltas;
    for (const auto& [name, sum] : sums) {
        deltas.push_back({Counter::delivered, std::string(name), {}, sum.delivered});
        deltas.push_back({Counter::superseded, std::string(name), {}, sum.superseded});
        deltas.push_back({Counter::retried, std::string(name), {}, sum.retried});
    }
    return counters_.add(deltas);
}

}  // namespace tributary::store

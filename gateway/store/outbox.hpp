// Outbox: items waiting in lanes. A lane is (destination, lane key), usually one customer at one destination; the LANE
// is claimed, delayed, blocked and fenced, never the item, so one customer's changes arrive in order and a lane that
// waits costs the others nothing. Source: reference/queue.md 3.
//
// Fence: every claim raises the lane's epoch, and that epoch is the lease token. Only the holder of the current token
// can settle or extend; any other answer is lease_lost, nothing is changed, and the result of that delivery must be
// dropped. `now` is the caller's clock; engines with a shared server clock use theirs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/store/dead_letters.hpp"
#include "gateway/store/digest.hpp"

namespace tributary::store {

struct NewItem {
    std::string destination;
    std::string lane_key;
    std::string entity;
    Uid record, customer;  // nil when it does not apply
    std::string operation;
    Digest op_key{};  // idempotency key over there, constant over all attempts
    std::string clear;
    std::string sealed;
    Uid subject;         // whose key opens `sealed`
    std::string origin;  // the connection it came from, for the loop guard
    std::string mapping_version;
    Timestamp created_at;
    bool supersede =
        false;  // holds the full state: a newer item of the same record makes it needless. Kept, not acted on
};

struct Item : NewItem {
    std::int64_t seq = 0;
};

struct LaneLease {
    std::int64_t lane = 0;
    std::uint64_t token = 0;
};

struct LaneClaim {
    std::string destination;
    std::size_t lanes = 1;    // at most
    std::size_t items = 100;  // at most, of each lane, oldest first
    Timestamp now;
    Milliseconds lease{30'000};
    std::string owner;
};

struct ClaimedLane {
    LaneLease lease;
    std::string destination, lane_key;
    Timestamp lease_until;
    std::uint32_t fail_count = 0;
    std::uint32_t crash_count = 0;             // claims in a row that were never settled
    std::optional<Timestamp> first_failed_at;  // of the current row of failures: for "give up after"
    bool more = false;                         // the lane holds more items than were given
    std::vector<Item> items;                   // in order of seq
};

enum class ItemEnd {
    delivered,
    superseded,  // a newer item of the lane carries its state
    withheld,    // consent said no: the caller puts it into Withheld in the same transaction
    buried,      // `dead` goes to the dead letters
    kept,        // stays in the lane; an attempt is recorded when `attempted`
};

struct ItemResult {
    std::int64_t seq = 0;
    ItemEnd end = ItemEnd::delivered;
    bool attempted = true;  // false: nothing was sent, no attempt is recorded
    std::string detail;     // for the attempt; safe to show
    Milliseconds took{0};
    // With `buried` only. What is empty is filled from the item (destination, entity, payload, ...).
    std::optional<NewDeadLetter> dead;
};

struct LaneResult {
    LaneLease lease;
    Timestamp at;                       // when the delivery ended
    std::vector<ItemResult> items;      // those not named are kept without an attempt
    std::optional<Timestamp> retry_at;  // the lane sleeps until then; unset: what is left is due at once
    std::uint32_t fail_count = 0;       // the new count; 0 also clears first_failed_at
    std::string error;                  // why it sleeps or is blocked; safe to show
    bool block = false;                 // nothing leaves the lane until unblock()
    // What is left may have been sent by a holder whose lease ran out: claims that were never settled go on counting.
    bool unsure = false;
};

enum class Settled { settled, lease_lost };

struct ReapedLane {
    std::int64_t lane = 0;
    std::string destination, lane_key;
    std::uint32_t crash_count = 0;
    bool poisoned = false;  // its oldest item went to the dead letters (stage "poison") and the lane is blocked
};

struct DestinationState {
    std::string destination;
    bool paused = false;
    std::string reason;
    std::optional<Timestamp> until;  // unset while paused: until resume()
    Timestamp since;
};

struct DestinationDepth {
    std::string destination;
    std::uint64_t items = 0;
    std::uint64_t lanes = 0;  // with items
    std::uint64_t blocked_lanes = 0;
    std::uint64_t blocked_items = 0;
    std::optional<Timestamp> oldest;  // created_at of the oldest item
};

struct LaneRow {
    std::int64_t lane = 0;
    std::string destination, lane_key;
    std::uint64_t depth = 0;
    std::uint32_t fail_count = 0, crash_count = 0;
    bool leased = false, blocked = false;
    Timestamp next_run_at;
    std::optional<Timestamp> oldest;
    std::string error;
};

struct LaneFilter {
    std::optional<std::string> destination, lane_key;
    bool blocked_only = false;
};

class OutboxView {
  public:
    virtual ~OutboxView() = default;
    virtual Result<std::vector<DestinationDepth>> depths() = 0;
    virtual Result<std::vector<DestinationState>> destinations() = 0;
    // Lanes that hold items; keyset paging in order of lane: pass the last one seen, 0 to begin.
    virtual Result<std::vector<LaneRow>> lanes(const LaneFilter& filter, std::int64_t after, std::size_t limit) = 0;
    virtual Result<std::vector<Item>> items(std::int64_t lane, std::int64_t after_seq, std::size_t limit) = 0;
    // When the next lane of this destination falls due: a time in the past means now, nullopt: nothing waits.
    virtual Result<std::optional<Timestamp>> next_due(const std::string& destination) = 0;
};

class Outbox : public virtual OutboxView {
  public:
    // Seqs in order of the items. Within a lane they follow commit order: a lower one is never seen after a higher one.
    virtual Result<std::vector<std::int64_t>> enqueue(std::span<const NewItem> items) = 0;
    // Due lanes, longest due first; none while the destination is paused.
    virtual Result<std::vector<ClaimedLane>> claim(const LaneClaim& claim) = 0;
    // One answer for each result, in order. Removes what ended, records attempts, buries the dead, frees the lane.
    // Counts delivered, retried (attempted and kept) and superseded for the destination. REQUIRES: no lane twice.
    virtual Result<std::vector<Settled>> settle(std::span<const LaneResult> results) = 0;
    // Whether each lease is still held; those that are now last until now + lease.
    virtual Result<std::vector<bool>> heartbeat(std::span<const LaneLease> leases, Timestamp now,
                                                Milliseconds lease) = 0;
    // Gives back unsettled lanes at a clean stop, without counting a crash.
    virtual Result<void> release(std::span<const LaneLease> leases) = 0;
    // Takes back leases that ran out: each counts as a crash and delays the lane by 1 s * 2^crash_count; the third in a
    // row is poison.
    virtual Result<std::vector<ReapedLane>> reap(Timestamp now) = 0;
    virtual Result<void> pause(const std::string& destination, const std::string& reason, Timestamp now,
                               std::optional<Timestamp> until) = 0;
    virtual Result<void> resume(const std::string& destination) = 0;
    // Also clears the counts of failures and crashes. not_found when there is no such lane.
    virtual Result<void> unblock(std::int64_t lane, Timestamp now) = 0;
    // Removes items by an operator's decision; conflict while the lane is leased. Returns how many.
    virtual Result<std::uint64_t> drop(std::int64_t lane, std::span<const std::int64_t> seqs) = 0;
};

}  // namespace tributary::store

// Counters: what happened to every record, summed since the store was made. The tables count by themselves: the
// inbox accepted and duplicate, the outbox delivered, retried and superseded, Withheld withheld (a record's first
// time), the dead letters dead, or quarantined when there is no destination. The caller adds mapped and unchanged
// alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

enum class Counter {
    accepted,
    duplicate,
    mapped,
    unchanged,
    quarantined,
    delivered,
    retried,
    superseded,
    withheld,
    dead
};

struct CounterDelta {
    Counter counter = Counter::mapped;
    std::string name;    // connection, or destination
    std::string stream;  // empty for a destination and for the inbox
    std::uint64_t count = 1;
};

// The inbox counts a delivery before its stream is known: those rows have an empty stream.
struct StreamStats {
    std::string connection, stream;
    std::uint64_t accepted = 0, duplicate = 0, mapped = 0, unchanged = 0, quarantined = 0;
};

struct DestinationStats {
    std::string destination;
    std::uint64_t delivered = 0, retried = 0, superseded = 0;  // since the store was made
    std::uint64_t withheld_total = 0, dead_total = 0;          // ever put there, since the store was made
    std::uint64_t queued = 0, withheld = 0, dead = 0;          // now
    std::uint64_t blocked_lanes = 0;
    std::optional<Timestamp> oldest;
    bool paused = false;
};

struct Stats {
    std::vector<StreamStats> streams;
    std::vector<DestinationStats> destinations;
    std::uint64_t inbox_waiting = 0;
    std::optional<Timestamp> inbox_oldest;
    std::uint64_t records = 0, customers = 0, dead_letters = 0, withheld = 0;
};

class CountersView {
  public:
    virtual ~CountersView() = default;
    virtual Result<Stats> stats() = 0;
};

class Counters : public virtual CountersView {
  public:
    virtual Result<void> add(std::span<const CounterDelta> deltas) = 0;
};

}  // namespace tributary::store

// Overview: figures over whole tables, for reports and operators. Each call may scan one table: not for a hot path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/store/outbox.hpp"

namespace tributary::store {

struct DisclosureCount {
    std::string destination, purpose;
    std::uint64_t subjects = 0;
    Timestamp first_at, last_at;
};

struct DisclosureReach {
    std::uint64_t subjects = 0;  // each once, wherever it was told
    std::vector<DisclosureCount> counts;
};

// Subjects by what they said last of a purpose, in the order of arrival.
struct ConsentCount {
    std::string purpose, state;
    std::uint64_t subjects = 0;
};

struct DuplicateCount {
    std::uint64_t customers = 0;  // that several records of people were found to be
    std::uint64_t records = 0;    // those records
};

// What keeps a database server from removing rows that are gone, and how many there are in the tables of the queue. All
// zero where there is no server.
struct HeldRows {
    Milliseconds oldest_snapshot{0};        // how long it is open; not known of another role's
    std::uint64_t oldest_transactions = 0;  // that began since
    std::uint64_t dead = 0, live = 0;       // rows; estimates of the server
};

class OverviewView {
  public:
    virtual ~OverviewView() = default;
    // Lanes with items, the one that waits longest first; with `before`, those whose oldest item is older than that.
    virtual Result<std::vector<LaneRow>> oldest_lanes(const LaneFilter& filter, std::optional<Timestamp> before,
                                                      std::size_t limit) = 0;
    // What was told between two times, to one destination or to all.
    virtual Result<DisclosureReach> disclosed(const std::optional<std::string>& destination, Timestamp from,
                                              Timestamp until) = 0;
    virtual Result<std::vector<ConsentCount>> consents() = 0;
    virtual Result<DuplicateCount> duplicates() = 0;
    virtual Result<HeldRows> held_rows() = 0;
};

}  // namespace tributary::store

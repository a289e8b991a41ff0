// Retention: removes what has been kept long enough, unless it is under legal hold, and says what it did for each
// policy. What is due and was not removed is overdue: that number should be 0.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

// How long something is kept.
struct Term {
    std::optional<Milliseconds> span;  // unset: for ever
    std::string text() const;          // as users write it: 730d, forever
};

// Records of an entity, from the last change on that their source told of. A case that is open is not due.
struct RecordPolicy {
    std::string entity;
    Term keep;
};

// What holds of entities that nobody set a term for. The others (contacts, organisations, products, employees and what
// describes them) are kept as long as their source has them, and until an erasure.
const std::vector<RecordPolicy>& standard_record_policies();
// Those, with what users set in their place and beside them.
std::vector<RecordPolicy> record_policies(const std::vector<RecordPolicy>& set);

// Those of the subjects under legal hold.
Result<std::set<Uid>> held_among(store::ReadSession& session, std::span<const Uid> subjects, Timestamp now);

struct RetentionRules {
    std::vector<RecordPolicy> records;
    Term unsolved_dead_letters;       // for ever: until they are taken up again or dropped
    Milliseconds consent_evidence{};  // of erased people, from the end of their erasure on
};

struct PolicyReport {
    std::string policy;
    std::uint64_t due = 0, removed = 0;
    std::uint64_t held = 0;     // by a legal hold
    std::uint64_t waiting = 0;  // something made of it waits for a destination: the next sweep looks again
    std::uint64_t overdue() const { return due - removed - held - waiting; }
};

// A dry run removes nothing: all that is due and not held is overdue then. Blocks; removes in small transactions, each
// with its audit entry.
Result<std::vector<PolicyReport>> run_retention(World& world, const RetentionRules& rules, bool dry_run);

}  // namespace tributary::flow

// Retention: removes what has been kept long enough, unless it is under legal hold, and says what it did for each
// policy. What is due and was not removed is overdue: that number should be 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

// Records of an entity, from the last change on that their source told of.
struct RecordPolicy {
    std::string entity;
    Milliseconds keep{};
};

struct RetentionRules {
    std::vector<RecordPolicy> records;
    std::optional<Milliseconds> unsolved_dead_letters;  // unset: until they are taken up again or dropped
    Milliseconds consent_evidence{};                    // of erased people, from the end of their erasure on
};

struct PolicyReport {
    std::string policy;
    std::uint64_t due = 0, removed = 0, held = 0;
    std::uint64_t overdue() const { return due - removed - held; }
};

// A dry run removes nothing: all that is due and not held is overdue then. Blocks; removes in small transactions, each
// with its audit entry.
Result<std::vector<PolicyReport>> run_retention(World& world, const RetentionRules& rules, bool dry_run);

}  // namespace tributary::flow

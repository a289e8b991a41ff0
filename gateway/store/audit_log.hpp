// AuditLog: who did what, as a hash chain (audit/tree.hpp) written in the same transaction as the act. No audit, no
// act.
//
// Cutting off the tail or rewriting the whole log shows only against a checkpoint that was kept elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/audit/trail.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

// The signed note of a checkpoint, and the tree's parts from which the next one goes on.
struct AuditCheckpoint {
    std::uint64_t size = 0;  // entries
    Timestamp at;
    std::string parts;  // audit::Tree::parts()
    std::string note;
};

class AuditLogView {
  public:
    virtual ~AuditLogView() = default;
    // In order of seq: pass the last one seen, 0 to begin.
    virtual Result<std::vector<audit::Entry>> read(std::int64_t after, std::size_t limit) = 0;
    virtual Result<std::optional<audit::Entry>> last() = 0;
    // Those of more than `after` entries, the smallest first.
    virtual Result<std::vector<AuditCheckpoint>> checkpoints(std::uint64_t after, std::size_t limit) = 0;
    virtual Result<std::optional<AuditCheckpoint>> last_checkpoint() = 0;
};

class AuditLog : public virtual AuditLogView {
  public:
    // The seq of the first entry; the others follow. bad_input: one is longer than audit::kLongestEntry.
    virtual Result<std::int64_t> append(std::span<const std::string> entries) = 0;
    // Of one size there is one; the first stays. The newest 10,000 are kept.
    virtual Result<void> put_checkpoint(const AuditCheckpoint& checkpoint) = 0;
};

}  // namespace tributary::store

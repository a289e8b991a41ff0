// AuditLog: who did what, as a hash chain written in the same transaction as the act. No audit, no act.
//
// leaf  = SHA-256(0x00 || entry bytes)         (RFC 6962 leaf)
// chain = SHA-256(0x01 || previous chain || leaf), 32 zero bytes before the first
// The hash is over the exact stored bytes. Cutting off the tail or rewriting the whole log shows only against a chain
// value that was kept elsewhere: read it with last().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/store/digest.hpp"

namespace tributary::store {

struct AuditRow {
    std::int64_t seq = 0;  // 1, 2, 3, ... without gaps
    std::string entry;     // canonical JSON, as appended
    Digest leaf{};
    Digest chain{};
};

struct AuditCheck {
    std::uint64_t checked = 0;
    std::optional<std::int64_t> broken_at;  // the first seq that does not fit
    std::string reason;
};

class AuditLogView {
  public:
    virtual ~AuditLogView() = default;
    // In order of seq: pass the last one seen, 0 to begin.
    virtual Result<std::vector<AuditRow>> read(std::int64_t after, std::size_t limit) = 0;
    virtual Result<std::optional<AuditRow>> last() = 0;
    // Recomputes the chain from row after + 1 on, for at most `limit` rows.
    virtual Result<AuditCheck> verify(std::int64_t after, std::size_t limit) = 0;
};

class AuditLog : public virtual AuditLogView {
  public:
    // The seq of the first entry; the others follow.
    virtual Result<std::int64_t> append(std::span<const std::string> entries) = 0;
};

}  // namespace tributary::store

// Approvals: acts that wait for a second person, and how they were decided.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "gateway/access/approval.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

class ApprovalsView {
  public:
    virtual ~ApprovalsView() = default;
    virtual Result<std::optional<access::Approval>> find(std::string_view id) = 0;
    // The oldest first, whose ids sort so: pass the last one seen, "" to begin.
    virtual Result<std::vector<access::Approval>> list(std::string_view after, std::size_t limit) = 0;
};

class Approvals : public virtual ApprovalsView {
  public:
    // Makes or replaces.
    virtual Result<void> put(const access::Approval& approval) = 0;
    // Those that expired before.
    virtual Result<void> sweep(Timestamp before) = 0;
};

}  // namespace tributary::store

// LaneClaims: who holds which lane. Claiming raises the lane's epoch, which is the lease token from then on.
#pragma once

#include "gateway/store/outbox.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class LaneClaims {
  public:
    LaneClaims(Connection& connection, OutboxView& outbox);
    Result<std::vector<ClaimedLane>> claim(const LaneClaim& claim);
    Result<std::vector<bool>> heartbeat(std::span<const LaneLease> leases, Timestamp until);
    Result<void> release(std::span<const LaneLease> leases);

  private:
    Result<bool> is_paused(std::int64_t destination, Timestamp now);
    Result<ClaimedLane> lease(std::int64_t lane, const LaneClaim& claim);

    Connection& connection_;
    OutboxView& outbox_;
    Statement reopen_, paused_, ready_, lease_, extend_, release_;
};

}  // namespace tributary::store

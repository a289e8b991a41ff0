// LaneClaims: who holds which lane. Claiming raises the lane's epoch, which is the lease token from then on.
#pragma once

#include "gateway/store/outbox.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class OutboxReads;

class LaneClaims {
  public:
    LaneClaims(Connection& connection, OutboxReads& outbox);
    Result<std::vector<ClaimedLane>> claim(const LaneClaim& claim);
    Result<std::vector<bool>> heartbeat(std::span<const LaneLease> leases, Timestamp until);
    Result<void> release(std::span<const LaneLease> leases);

  private:
    Result<bool> is_paused(std::int64_t destination, Timestamp now);

    Connection& connection_;
    OutboxReads& outbox_;
    Statement reopen_, paused_, ready_, lease_, extend_, release_;
};

}  // namespace tributary::store

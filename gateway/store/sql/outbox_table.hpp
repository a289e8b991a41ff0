// Outbox: puts items into lanes and lets operators handle them. Claims, settling and reaping have files of
// their own.
#pragma once

#include "gateway/store/outbox.hpp"
#include "gateway/store/sql/lane_claims.hpp"
#include "gateway/store/sql/lane_reaping.hpp"
#include "gateway/store/sql/lane_settling.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class OutboxReads : public virtual OutboxView {
  public:
    explicit OutboxReads(Connection& connection);
    Result<std::vector<DestinationDepth>> depths() override;
    Result<std::vector<DestinationState>> destinations() override;
    Result<std::vector<LaneRow>> lanes(const LaneFilter& filter, std::int64_t after, std::size_t limit) override;
    Result<std::vector<Item>> items(std::int64_t lane, std::int64_t after_seq, std::size_t limit) override;
    Result<std::optional<Timestamp>> next_due(const std::string& destination) override;
    // The first items of each lane, without destination and lane key.
    Result<std::vector<std::vector<Item>>> items_of(std::span<const std::int64_t> lanes, std::size_t limit);

  protected:
    Connection& connection_;

  private:
    Statement depths_, destinations_, lanes_, items_, name_of_, due_, paused_;
};

class OutboxTable final : public Outbox, public OutboxReads {
  public:
    OutboxTable(Connection& connection, CountersTable& counters, AttemptsTable& attempts,
                DeadLettersTable& dead_letters);
    Result<std::vector<std::int64_t>> enqueue(std::span<const NewItem> items) override;
    Result<std::vector<ClaimedLane>> claim(const LaneClaim& claim) override { return claims_.claim(claim); }
    Result<std::vector<Settled>> settle(std::span<const LaneResult> results) override {
        return settling_.settle(results);
    }
    Result<std::vector<bool>> heartbeat(std::span<const LaneLease> leases, Timestamp now, Milliseconds lease) override {
        return claims_.heartbeat(leases, now + lease);
    }
    Result<void> release(std::span<const LaneLease> leases) override { return claims_.release(leases); }
    Result<std::vector<ReapedLane>> reap(Timestamp now) override { return reaping_.reap(now); }
    Result<void> pause(const std::string& destination, const std::string& reason, Timestamp now,
                       std::optional<Timestamp> until) override;
    Result<void> resume(const std::string& destination) override;
    Result<void> unblock(std::int64_t lane, Timestamp now) override;
    Result<std::uint64_t> drop(std::int64_t lane, std::span<const std::int64_t> seqs) override;

    // At the start every lease is dead: its holder was the process before.
    Result<std::vector<ReapedLane>> reclaim(Timestamp now) { return reaping_.reclaim(now); }

  private:
    LaneClaims claims_;
    LaneSettling settling_;
    LaneReaping reaping_;
    Statement lane_, item_, pause_, resume_, unblock_, held_, drop_, shrink_;
};

}  // namespace tributary::store

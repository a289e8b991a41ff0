// How a round ends: one transaction tells the store everything that happened in it.
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/delivery_round.hpp"
#include "gateway/flow/lease_losses.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::flow {

namespace {

constexpr Milliseconds kSettleAgain = std::chrono::seconds{1};

}  // namespace

run::Task<Result<void>> DeliveryRound::settle(std::stop_token stop) {
    auto settled = co_await store_outcomes(std::move(stop));
    over_.request_stop();
    if (keeping_) co_await run::end(*keeping_);
    co_return settled;
}

// What was delivered is known here alone until the store has it: a full disk is waited for as long as the lease lasts,
// for after it the items would be sent a second time. A try that failed is followed by one more even then: the fence
// decides, and a process that stood still learns what it lost.
run::Task<Result<void>> DeliveryRound::store_outcomes(std::stop_token stop) {
    const auto until = steady() + way_.limits.lease;
    while (true) {
        const bool last = steady() + kSettleAgain >= until;
        std::uint64_t lost = 0;
        auto settled = co_await run::on(way_.world.pool, [&] {
            return way_.world.store.write([&](store::Session& session) -> Result<void> {
                TRY(lost, settle_in(session));
                return {};
            });
        });
        if (settled && lost > 0 && way_.world.losses)
            way_.world.losses->add(LeaseLosses::Work::delivery, way_.destination, lost);
        if (settled || stop.stop_requested() || last) co_return settled;
        way_.world.log.error("outcomes wait for the store", settled.error(), {{"destination", way_.destination}});
        co_await way_.world.timers.sleep_for(kSettleAgain, stop);
    }
}

Result<std::uint64_t> DeliveryRound::settle_in(store::Session& session) {
    std::uint64_t lost = 0;
    Timestamp now = way_.world.clock.now();
    std::vector<store::LaneResult> results;
    for (const auto& lane : lanes_) results.push_back(lane_result(lane, now));
    TRY(auto settled, session.outbox().settle(results));

    std::vector<store::RemoteId> remotes;
    std::vector<store::Disclosure> disclosures;
    std::vector<store::WithheldRow> withheld;
    std::map<std::string, std::uint64_t> told;  // by purpose
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        if (settled[i] == store::Settled::lease_lost) {
            way_.world.log.warn("lease lost, outcome dropped",
                                {{"destination", way_.destination}, {"lane", lanes_[i].claimed.lease.lane}});
            ++lost;
            continue;
        }
        for (const auto& item : lanes_[i].ended) {
            if (item.remote) remotes.push_back(*item.remote);
            if (item.disclosure) {
                ++told[item.disclosure->purpose];
                disclosures.push_back(*item.disclosure);
            }
            if (item.withheld) withheld.push_back(*item.withheld);
        }
    }
    CHECK_OK(name_survivors(session, remotes));
    if (!remotes.empty()) CHECK_OK(session.remote_ids().put(remotes));
    if (!disclosures.empty()) CHECK_OK(session.disclosures().put(disclosures));
    if (!withheld.empty()) CHECK_OK(session.withheld().put(withheld));
    std::vector<std::string> entries;
    for (const auto& [purpose, count] : told)
        entries.push_back(audit_entry(way_.world.clock, "connector", way_.destination, "deliver",
                                      {{"purpose", purpose}, {"records", std::to_string(count)}}));
    std::map<std::pair<std::string, std::string>, std::uint64_t> denied;
    for (const auto& row : withheld) ++denied[{row.purpose, row.reason}];
    for (const auto& [what, count] : denied)
        entries.push_back(
            audit_entry(way_.world.clock, "connector", way_.destination, "consent.deny",
                        {{"purpose", what.first}, {"reason", what.second}, {"records", std::to_string(count)}}));
    if (pause_) {
        way_.world.log.warn("destination paused", {{"destination", way_.destination}, {"reason", pause_->reason}});
        const auto left = pause_->until - steady();
        CHECK_OK(session.outbox().pause(way_.destination, pause_->reason, now,
                                        now + std::chrono::duration_cast<Milliseconds>(left)));
        entries.push_back(audit_entry(
            way_.world.clock, "system", "gateway", "destination.pause",
            {{"destination", way_.destination}, {"fault", pause_->reason.substr(0, pause_->reason.find(':'))}}));
    }
    if (!entries.empty()) CHECK_OK(session.audit().append(entries));
    return lost;
}

}  // namespace tributary::flow

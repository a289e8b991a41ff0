// How a round ends: one transaction tells the store everything that happened in it.
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/delivery_worker.hpp"
#include "gateway/flow/lease_losses.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::flow {

namespace {

constexpr Milliseconds kSettleAgain = std::chrono::seconds{1};

}  // namespace

// What was delivered is known here alone until the store has it: a full disk is waited for as long as the lease lasts,
// for after it the items would be sent a second time. A try that failed is followed by one more even then: the fence
// decides, and a process that stood still learns what it lost.
run::Task<Result<void>> DeliveryWorker::settle(const std::vector<DeliveryLane>& lanes, SteadyTime until,
                                               std::stop_token stop) {
    while (true) {
        const bool last = world_.timers.clock().steady() + kSettleAgain >= until;
        std::uint64_t lost = 0;
        auto settled = co_await run::on(world_.pool, [&] {
            return world_.store.write([&](store::Session& session) -> Result<void> {
                TRY(lost, settle_in(session, lanes));
                return {};
            });
        });
        if (settled && lost > 0 && world_.losses) world_.losses->add(LeaseLosses::Work::delivery, destination_, lost);
        if (settled || stop.stop_requested() || last) co_return settled;
        world_.log.error("outcomes wait for the store", settled.error(), {{"destination", destination_}});
        co_await world_.timers.sleep_for(kSettleAgain, stop);
    }
}

Result<std::uint64_t> DeliveryWorker::settle_in(store::Session& session, const std::vector<DeliveryLane>& lanes) {
    std::uint64_t lost = 0;
    Timestamp now = world_.clock.now();
    std::vector<store::LaneResult> results;
    for (const auto& lane : lanes) results.push_back(lane_result(lane, now));
    TRY(auto settled, session.outbox().settle(results));

    std::vector<store::RemoteId> remotes;
    std::vector<store::Disclosure> disclosures;
    std::vector<store::WithheldRow> withheld;
    std::map<std::string, std::uint64_t> told;  // by purpose
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        if (settled[i] == store::Settled::lease_lost) {
            world_.log.warn("lease lost, outcome dropped",
                            {{"destination", destination_}, {"lane", lanes[i].claimed.lease.lane}});
            ++lost;
            continue;
        }
        for (const auto& item : lanes[i].ended) {
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
        entries.push_back(audit_entry(world_.clock, "connector", destination_, "deliver",
                                      {{"purpose", purpose}, {"records", std::to_string(count)}}));
    std::map<std::pair<std::string, std::string>, std::uint64_t> denied;
    for (const auto& row : withheld) ++denied[{row.purpose, row.reason}];
    for (const auto& [what, count] : denied)
        entries.push_back(
            audit_entry(world_.clock, "connector", destination_, "consent.deny",
                        {{"purpose", what.first}, {"reason", what.second}, {"records", std::to_string(count)}}));
    if (pause_) {
        world_.log.warn("destination paused", {{"destination", destination_}, {"reason", pause_->reason}});
        const auto left = pause_->until - world_.timers.clock().steady();
        CHECK_OK(session.outbox().pause(destination_, pause_->reason, now,
                                        now + std::chrono::duration_cast<Milliseconds>(left)));
        entries.push_back(audit_entry(
            world_.clock, "system", "gateway", "destination.pause",
            {{"destination", destination_}, {"fault", pause_->reason.substr(0, pause_->reason.find(':'))}}));
    }
    if (!entries.empty()) CHECK_OK(session.audit().append(entries));
    return lost;
}

}  // namespace tributary::flow

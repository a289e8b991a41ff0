// DeliveryWorker: empties the lanes of one destination. Leases lanes, asks consent again inside the lease, maps, pushes
// with a constant idempotency key, and settles: delivered, retry at, superseded, withheld, dead letter.
//
// Order: items of a lane go one after the other; lanes go side by side, as many as the breaker lets. A worker that lost
// its lease changes nothing. One worker for each destination, on the connectors' executor.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "gateway/flow/delivery_work.hpp"
#include "gateway/flow/merged_customer.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/run/breaker.hpp"
#include "gateway/run/task.hpp"

namespace tributary::flow {

struct DeliveryLimits {
    std::size_t lanes = 64;   // leased at once
    std::size_t items = 100;  // looked at in each lane
    std::size_t pushes = 16;  // on their way at once
    // How long nobody else goes on with the work of a process that died.
    Milliseconds lease{std::chrono::seconds{30}};
    // No request is begun when less of the lease is left: it may take that long.
    Milliseconds margin{std::chrono::seconds{20}};
};

class DeliveryWorker {
  public:
    DeliveryWorker(World& world, std::string destination, DeliveryLimits limits = {});

    // Works until `stop`; ends the round at hand, so no lease is left behind.
    run::Task<> run(std::stop_token stop);
    // One claim and all that follows from it. How many lanes it took.
    run::Task<Result<std::size_t>> round(std::stop_token stop = {});
    // Something was enqueued. Safe from any thread.
    void wake() { work_.store(true); }

    const std::string& destination() const { return destination_; }
    run::Breaker::State breaker_state() const;

  private:
    using Heads = std::vector<DeliveryLane*>;

    Result<std::vector<DeliveryLane>> claim();
    // Enough of the leases is left for one more request.
    bool may_send() const;
    // Renews them until the round is over.
    run::Task<void> keep_leases(std::vector<store::LaneLease> leases, std::stop_token over);
    // One item of each active lane, from consent to outcome.
    run::Task<void> wave(std::vector<DeliveryLane>& lanes);
    // Leaves in `heads` those that may be sent; the others have ended.
    void make_ready(Heads& heads);
    bool make_ready(DeliveryLane& lane, AfterMerge merge);
    // One after the other until none is left; several of these share `left`.
    run::Task<void> push_in_turn(std::vector<Heads>& left);
    run::Task<void> push(Heads heads);
    // Asks again when anything was said since make_ready(): a push may wait for those before it.
    void stay_allowed(Heads& heads);
    std::int64_t newest_word();
    run::Task<bool> arrived_before(DeliveryLane& lane);
    void take(DeliveryLane& lane, connector::Sink::Outcome outcome, Milliseconds took);
    void delivered(DeliveryLane& lane, const connector::Receipt& receipt);
    bool regresses_when_sent_again(const DeliveryLane& lane) const;
    void failed(DeliveryLane& lane, const Error& error, bool ambiguous);
    run::Task<Result<void>> settle(const std::vector<DeliveryLane>& lanes, SteadyTime until, std::stop_token stop);
    // How many of the lanes are another's by now.
    Result<std::uint64_t> settle_in(store::Session& session, const std::vector<DeliveryLane>& lanes);

    World& world_;
    std::string destination_;
    DeliveryLimits limits_;
    connector::Sink* sink_ = nullptr;  // null: the destination cannot be written to
    run::Breaker breaker_;
    mapping::Scratch scratch_;
    std::mutex ready_;  // pushes that go side by side may have to ask again
    std::atomic<bool> work_ = true;
    struct Pause {
        std::string reason;
        SteadyTime until;
    };
    std::int64_t heard_ = -1;          // the newest consent event when the wave was made ready; -1: not known
    std::optional<Pause> pause_;       // of the whole destination, decided in this round
    SteadyTime send_until_{};          // in this round
    std::shared_ptr<run::Hold> hold_;  // on the lanes of this round
};

}  // namespace tributary::flow

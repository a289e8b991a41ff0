// DeliveryRound: one claim of lanes at a destination and all that follows from it. Leases lanes, asks consent again
// inside the lease, maps, pushes with a constant idempotency key, and settles: delivered, retry at, superseded,
// withheld, dead letter.
//
// Order: items of a lane go one after the other; lanes go side by side, as many as the breaker lets. A round that lost
// its lease changes nothing. Used on the connectors' executor.
#pragma once

#include <cstdint>
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
#include "gateway/run/hold.hpp"
#include "gateway/run/started.hpp"
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
    Milliseconds certain() const { return lease - margin; }
};

// What the rounds of one destination share. It outlives them.
struct DeliveryWay {
    World& world;
    std::string destination;
    DeliveryLimits limits;
    connector::Sink* sink = nullptr;  // null: the destination cannot be written to
    run::Breaker breaker{};           // the executor's alone
    mapping::Scratch scratch{};
    std::mutex ready{};  // on the scratch: pushes that go side by side may have to ask again
};

class DeliveryRound {
  public:
    explicit DeliveryRound(DeliveryWay& way) : way_(way) {}

    // Leases lanes, and keeps them until settle(). How many.
    run::Task<Result<std::size_t>> claim();
    // It found as many as it asked for: there may be more.
    bool is_full() const { return full_; }
    // Sends what may be sent, until nothing is left, the destination is paused, time is up, or `stop`.
    run::Task<void> send(std::stop_token stop);
    // The whole destination waits.
    bool is_paused() const { return pause_.has_value(); }
    // Tells the store what came of it. Once, after claim() took lanes, sent or not.
    run::Task<Result<void>> settle(std::stop_token stop);

  private:
    using Heads = std::vector<DeliveryLane*>;
    // The heads of one push: those that consent was withdrawn from meanwhile leave it.
    struct Leaving {
        Heads heads;
        std::size_t lanes = 0;  // that it began with
        SteadyTime looked_at{};
        std::shared_ptr<run::Hold> hold;
        bool is_outdated() const { return heads.size() < lanes; }
    };

    SteadyTime steady() const { return way_.world.timers.clock().steady(); }
    Result<void> lease_lanes(std::size_t most);
    // Enough of the leases is left for one more request.
    bool may_send() const { return steady() < send_until_ && hold_->stands(); }
    // Renews them until the round is over.
    run::Task<void> keep_leases(std::vector<store::LaneLease> leases, std::stop_token over);
    // One item of each active lane, from consent to outcome.
    run::Task<void> wave();
    // Leaves in `heads` those that may be sent; the others have ended.
    void make_ready(Heads& heads);
    bool make_ready(DeliveryLane& lane, AfterMerge merge);
    // One after the other until none is left; several of these share `left`.
    run::Task<void> push_in_turn(std::vector<Heads>& left);
    run::Task<void> push(Heads heads);
    run::Task<void> push_halves(Heads heads);
    // Those of which it is certain that no attempt before arrived.
    run::Task<Heads> unsent(Heads heads);
    void wait_for_breaker(const Heads& heads);
    void judge_destination(const std::vector<connector::Sink::Outcome>& outcomes);
    // Asks again when anything was said since make_ready(): a push may wait for those before it.
    void stay_allowed(Heads& heads);
    // Whoever said no leaves `heads`. The time says how old the answers are.
    run::Task<SteadyTime> look(Heads& heads);
    // The last look, when the turn of a push has come. False: it is not to be sent.
    run::Task<bool> look_again(Leaving& leaving);
    std::int64_t newest_word();
    run::Task<bool> arrived_before(DeliveryLane& lane);
    void take(DeliveryLane& lane, connector::Sink::Outcome outcome, Milliseconds took);
    void delivered(DeliveryLane& lane, const connector::Receipt& receipt);
    bool regresses_when_sent_again(const DeliveryLane& lane) const;
    void failed(DeliveryLane& lane, const Error& error, bool ambiguous);
    void pause(std::string reason, SteadyTime until);
    run::Task<Result<void>> store_outcomes(std::stop_token stop);
    // How many of the lanes are another's by now.
    Result<std::uint64_t> settle_in(store::Session& session);

    struct Pause {
        std::string reason;
        SteadyTime until;
    };

    DeliveryWay& way_;
    bool full_ = false;
    std::vector<DeliveryLane> lanes_;
    std::int64_t heard_ = -1;     // the newest consent event when the wave was made ready; -1: not known
    std::optional<Pause> pause_;  // of the whole destination
    SteadyTime send_until_{};
    std::shared_ptr<run::Hold> hold_;  // on the lanes
    std::stop_source over_;
    std::optional<run::Started<void>> keeping_;
};

}  // namespace tributary::flow

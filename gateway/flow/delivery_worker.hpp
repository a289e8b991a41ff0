// DeliveryWorker: empties the lanes of one destination, round after round (delivery_round.hpp): the next is claimed
// while one is sent, and the one before is settled meanwhile. One worker for each destination, on the connectors'
// executor.
#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>

#include "gateway/flow/delivery_round.hpp"

namespace tributary::flow {

class DeliveryWorker {
  public:
    DeliveryWorker(World& world, std::string destination, DeliveryLimits limits = {});

    // Works until `stop`; ends the rounds at hand, so no lease is left behind.
    run::Task<> run(std::stop_token stop);
    // Rounds until nothing is ready any more. How many lanes they took.
    run::Task<Result<std::size_t>> work_off(std::stop_token stop = {});
    // Something was enqueued. Safe from any thread.
    void wake() { work_.store(true); }

    const std::string& destination() const { return way_.destination; }
    run::Breaker::State breaker_state() const;

  private:
    // What one round does beside another.
    template <class T>
    struct Part;
    Part<std::size_t> claim(const run::Executor& executor);
    Part<void> settle(const run::Executor& executor, std::unique_ptr<DeliveryRound> round, std::stop_token stop);

    DeliveryWay way_;
    std::atomic<bool> work_ = true;
};

}  // namespace tributary::flow

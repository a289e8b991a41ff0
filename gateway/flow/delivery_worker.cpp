#include "gateway/flow/delivery_worker.hpp"

#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>

namespace tributary::flow {

using namespace std::chrono_literals;

namespace {

constexpr Milliseconds kDeliveryPoll = 10ms;   // between looks at wake()
constexpr Milliseconds kDeliveryIdle = 250ms;  // the poll that is the truth when a wake-up was lost

}  // namespace

// The round outlives what runs on it: members are destroyed from the last to the first.
template <class T>
struct DeliveryWorker::Part {
    std::unique_ptr<DeliveryRound> round;
    run::Started<Result<T>> outcome;
};

DeliveryWorker::DeliveryWorker(World& world, std::string destination, DeliveryLimits limits)
    : way_{.world = world, .destination = std::move(destination), .limits = limits} {
    if (const auto* connection = world.connection(way_.destination)) way_.sink = connection->connector->sink();
}

run::Breaker::State DeliveryWorker::breaker_state() const {
    return way_.breaker.state(way_.world.timers.clock().steady());
}

run::Task<> DeliveryWorker::run(std::stop_token stop) {
    auto& world = way_.world;
    auto looked = world.timers.clock().steady();
    while (!stop.stop_requested()) {
        bool due = world.timers.clock().steady() - looked >= kDeliveryIdle;
        if (work_.exchange(false) || due) {
            auto taken = co_await work_off(stop);
            if (!taken) world.log.error("delivery round", taken.error(), {{"destination", way_.destination}});
            if (taken && *taken > 0) {
                work_.store(true);
                continue;
            }
            looked = world.timers.clock().steady();
        }
        co_await world.timers.sleep_for(kDeliveryPoll, stop);
    }
}

DeliveryWorker::Part<std::size_t> DeliveryWorker::claim(const run::Executor& executor) {
    auto round = std::make_unique<DeliveryRound>(way_);
    auto lanes = run::start(executor, round->claim());
    return {std::move(round), std::move(lanes)};
}

DeliveryWorker::Part<void> DeliveryWorker::settle(const run::Executor& executor, std::unique_ptr<DeliveryRound> round,
                                                  std::stop_token stop) {
    auto outcome = run::start(executor, round->settle(std::move(stop)));
    return {std::move(round), std::move(outcome)};
}

run::Task<Result<std::size_t>> DeliveryWorker::work_off(std::stop_token stop) {
    const run::Executor executor = co_await boost::asio::this_coro::executor;
    std::size_t taken = 0;
    Result<void> good;
    std::optional<Part<std::size_t>> next(claim(executor));
    std::optional<Part<void>> before;
    while (next) {
        auto claimed = co_await run::end(next->outcome);
        auto round = std::move(next->round);
        next.reset();
        if (!claimed || *claimed == 0) {
            if (!claimed) good = fail(std::move(claimed).error());
            break;
        }
        taken += *claimed;
        // What the round before learnt of the destination is in the store once it is settled, and not sooner.
        const bool wait = before && before->round->is_paused();
        if (!wait && round->is_full() && !stop.stop_requested()) next.emplace(claim(executor));
        if (!wait) co_await round->send(stop);
        if (before) {
            auto settled = co_await run::end(before->outcome);
            if (!settled) good = std::move(settled);
        }
        before.emplace(settle(executor, std::move(round), stop));
    }
    if (before) {
        auto settled = co_await run::end(before->outcome);
        if (!settled) good = std::move(settled);
    }
    if (!good) co_return pass(std::move(good));
    co_return taken;
}

}  // namespace tributary::flow

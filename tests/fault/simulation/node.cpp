#include "tests/fault/simulation/node.hpp"

namespace tributary::simulation {

Node::Node(House& house, store::Store& store, FakeClock& clock, NodeSetting setting)
    : house_(house),
      store_(store),
      clock_(clock),
      setting_(std::move(setting)),
      random_(setting_.seed),
      jitter_(setting_.seed) {
    start();
}

void Node::start() {
    const auto& scenario = *setting_.scenario;
    timers_ = std::make_unique<VirtualTimers>(clock_);
    world_ = house_.world(clock_, jitter_, *timers_, store_);
    flow::Connection connection;
    connection.name = setting_.name;
    connection.connector_name = "simulated";
    connection.connector =
        std::make_unique<SimConnector>(*setting_.destination, *timers_, scenario, setting_.broken, setting_.number);
    world_->connections.emplace(setting_.name, std::move(connection));
    flow::Delivery delivery;
    delivery.name = "d";
    delivery.to = setting_.name;
    delivery.entity = "contact";
    delivery.action = "put";
    delivery.purpose = "personalise";
    delivery.on_permanent_failure =
        scenario.supersede ? flow::OnPermanentFailure::supersede : flow::OnPermanentFailure::skip;
    delivery.backoff.steps = {500ms, 1s, 2s};
    world_->deliveries.push_back(std::move(delivery));
    worker_ = std::make_unique<flow::DeliveryWorker>(*world_, setting_.name, scenario.limits);
    loop_ = std::make_unique<run::Loop>("node");
    loop_->spawn(work());
}

run::Task<> Node::work() {
    while (true) {
        auto taken = co_await worker_->work_off();
        if (!taken || *taken == 0) co_await timers_->sleep_for(200ms + Milliseconds{random_() % 1500});
    }
}

bool Node::run_one() {
    return loop_ && !paused_ && loop_->context().poll_one() > 0;
}

std::optional<SteadyTime> Node::wakes() const {
    return loop_ && !paused_ ? timers_->next() : std::nullopt;
}

void Node::wake() {
    if (loop_ && !paused_) timers_->wake();
}

void Node::kill() {
    if (!loop_) return;
    house_.finish_pool_work();
    timers_->forget();
    loop_.reset();
    worker_.reset();
    world_.reset();
    timers_.reset();
    paused_ = false;
}

void Node::revive() {
    paused_ = false;
    if (!loop_) start();
}

}  // namespace tributary::simulation

// Node: one gateway of a simulation, with a loop, timers and a DeliveryWorker of its own. It can die at any handler,
// take no turn for a while, and come back with nothing in memory.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/flow/delivery_worker.hpp"
#include "tests/fault/simulation/house.hpp"
#include "tests/fault/simulation/sim_destination.hpp"
#include "tests/fault/simulation/virtual_time.hpp"

namespace tributary::simulation {

struct NodeSetting {
    const Scenario* scenario = nullptr;
    SimDestination* destination = nullptr;
    std::string name;  // of the destination
    Broken broken = Broken::none;
    unsigned number = 0;
    std::uint64_t seed = 0;
};

class Node {
  public:
    Node(House& house, store::Store& store, FakeClock& clock, NodeSetting setting);
    ~Node() { kill(); }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    // Runs one handler. False: there is none, or it takes no turn.
    bool run_one();
    std::optional<SteadyTime> wakes() const;
    void wake();

    bool well() const { return loop_ && !paused_; }
    void kill();
    void pause() { paused_ = true; }
    void revive();

  private:
    void start();
    run::Task<> work();

    House& house_;
    store::Store& store_;
    FakeClock& clock_;
    NodeSetting setting_;
    std::mt19937_64 random_;
    crypto::SeededRandom jitter_;
    bool paused_ = false;
    std::unique_ptr<VirtualTimers> timers_;
    std::unique_ptr<flow::World> world_;
    std::unique_ptr<flow::DeliveryWorker> worker_;
    std::unique_ptr<run::Loop> loop_;  // last: its coroutines use all of the above
};

}  // namespace tributary::simulation

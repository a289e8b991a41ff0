// Simulation: several nodes deliver from one store, on virtual time, while requests, answers and nodes are lost and
// people withdraw. One seed is one run; the same seed is the same run, handler by handler.
//
// Real: DeliveryWorker with its rules, breaker, back-off and consent gate, and the store with its leases and fences.
// Modelled: time, the network, the destination, and when each node runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/fault/simulation/guards.hpp"
#include "tests/fault/simulation/house.hpp"

namespace tributary::simulation {

struct Outcome {
    std::vector<std::string> breaches;  // empty: everything held
    std::uint64_t changes = 0, sent = 0, sent_again = 0, effects = 0, crashes = 0, pauses = 0, withdrawals = 0,
                  dead = 0;
};

// `trace`: prints what happens.
Outcome simulate(House& house, std::uint64_t seed, Broken broken, bool trace);

}  // namespace tributary::simulation

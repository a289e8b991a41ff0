// Scenario: what one seed is about, drawn before anything runs. Times are from the start.
//
// The bound that the promise rests on, so that a broken one is the product's fault: a request that was sent takes
// effect within kLongestRequest or not at all, and the answer to a lost one comes after that. A node may stop between
// any two of its steps, but not between its last question to run::Hold and the send: nothing this side of the
// destination could hold that request back.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/connector/connector.hpp"
#include "gateway/flow/delivery_worker.hpp"

namespace tributary::simulation {

using namespace std::chrono_literals;

inline constexpr Milliseconds kLease = 6s, kMargin = 2s, kLongestRequest = 1500ms, kReap = 3s;
inline constexpr Milliseconds kActive = 20s;   // after it nothing goes wrong any more
inline constexpr Milliseconds kGiveUp = 300s;  // by then everything is settled

struct Change {
    Milliseconds at{};
    std::uint32_t lane = 0;
    bool poison = false;  // the destination refuses it for good
};

struct Word {
    Milliseconds at{};
    std::uint32_t lane = 0;
    bool given = true;
};

struct Upset {
    enum class Kind { crash, pause } kind = Kind::crash;
    Milliseconds at{};
    std::uint32_t node = 0;
    Milliseconds lasts{};  // of the pause; until another node takes the crashed one's place
};

struct Scenario {
    connector::Idempotency kind = connector::Idempotency::idempotency_key;
    bool supersede = false;  // full-state records
    std::uint32_t lanes = 2, nodes = 3;
    std::size_t batch = 1;
    flow::DeliveryLimits limits;
    unsigned trouble = 20;  // percent of the requests
    std::vector<Change> changes;
    std::vector<Word> words;
    std::vector<Upset> upsets;

    static Scenario drawn(std::mt19937_64& random);
};

}  // namespace tributary::simulation

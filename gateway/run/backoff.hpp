// Backoff: when a failed delivery is tried again. Steps of 5 s, 30 s, 2 m, 10 m, 30 m, 1 h, 2 h, 4 h, 8 h, then 12 h
// each, until give_up_after has passed since the first attempt. Pure.
#pragma once

#include <optional>
#include <vector>

#include "gateway/base/clock.hpp"

namespace tributary::run {

struct Backoff {
    std::vector<Milliseconds> steps = {std::chrono::seconds{5},  std::chrono::seconds{30}, std::chrono::minutes{2},
                                       std::chrono::minutes{10}, std::chrono::minutes{30}, std::chrono::hours{1},
                                       std::chrono::hours{2},    std::chrono::hours{4},    std::chrono::hours{8},
                                       std::chrono::hours{12}};  // the last one repeats
    Milliseconds give_up_after = std::chrono::hours{72};
};

// d * U(0.85, 1.25), and never less than one second wide. `random` is in [0, 1).
Milliseconds jittered(Milliseconds d, double random);

// How long to wait after the `failures`-th failure (1: the first). `hint` is what the other side asked for: it may only
// delay. nullopt: the wait would end after first_attempt + give_up_after, so give up.
std::optional<Milliseconds> next_delay(const Backoff& backoff, unsigned failures, Timestamp first_attempt,
                                       Timestamp now, double random, std::optional<Milliseconds> hint = std::nullopt);

}  // namespace tributary::run

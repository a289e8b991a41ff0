#include "gateway/run/backoff.hpp"

#include <algorithm>
#include <cassert>

namespace tributary::run {

Milliseconds jittered(Milliseconds d, double random) {
    using Span = std::chrono::duration<double, std::milli>;
    Span low = 0.85 * Span(d), width = std::max(0.40 * Span(d), Span(1000));
    return std::chrono::duration_cast<Milliseconds>(low + random * width);
}

std::optional<Milliseconds> next_delay(const Backoff& backoff, unsigned failures, Timestamp first_attempt,
                                       Timestamp now, double random, std::optional<Milliseconds> hint) {
    assert(!backoff.steps.empty() && failures >= 1);
    auto step = std::min<std::size_t>(failures - 1, backoff.steps.size() - 1);
    auto delay = std::max(jittered(backoff.steps[step], random), hint.value_or(Milliseconds{0}));
    if (now + delay > first_attempt + backoff.give_up_after) return std::nullopt;
    return delay;
}

}  // namespace tributary::run

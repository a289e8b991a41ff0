#include "tests/fault/simulation/scenario.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tributary::simulation {
namespace {

std::uint32_t dice(std::mt19937_64& random, std::uint32_t sides) {
    return static_cast<std::uint32_t>(random() % sides);
}

Milliseconds some_time(std::mt19937_64& random) {
    return Milliseconds{dice(random, static_cast<std::uint32_t>(kActive.count()))};
}

}  // namespace

Scenario Scenario::drawn(std::mt19937_64& random) {
    using connector::Idempotency;
    Scenario made;
    constexpr Idempotency kKinds[] = {Idempotency::idempotency_key, Idempotency::natural_key, Idempotency::none};
    made.kind = kKinds[dice(random, 3)];
    made.supersede = made.kind != Idempotency::none && dice(random, 2) == 0;
    made.lanes = 1 + dice(random, 4);
    made.batch = dice(random, 3) == 0 ? 1 + dice(random, 3) : 1;
    made.limits = {
        .lanes = 1 + dice(random, 4), .items = 10, .pushes = 1 + dice(random, 3), .lease = kLease, .margin = kMargin};
    made.trouble = dice(random, 95);
    // Changes of several lanes often come together, as a page of a sync brings them; so one is sent while others wait.
    const std::vector<Milliseconds> pages{some_time(random), some_time(random)};
    const bool in_pages = dice(random, 3) > 0;
    const auto of_change = [&] { return in_pages ? pages[dice(random, 2)] : some_time(random); };
    for (std::uint32_t lane = 0; lane < made.lanes; ++lane) {
        for (auto changes = 1 + dice(random, 4); changes > 0; --changes)
            made.changes.push_back({of_change(), lane, dice(random, 20) == 0});
        made.words.push_back({0ms, lane, true});
        if (dice(random, 3) != 0) continue;
        const auto withdrawn = of_change() + Milliseconds{dice(random, 2500)};
        made.words.push_back({withdrawn, lane, false});
        if (dice(random, 4) == 0) made.words.push_back({withdrawn + 1s + some_time(random) / 4, lane, true});
    }
    std::ranges::sort(made.changes, {}, [](const Change& one) { return std::pair(one.at, one.lane); });
    std::ranges::sort(made.words, {}, [](const Word& one) { return std::tuple(one.at, one.lane, !one.given); });
    for (auto upsets = dice(random, 3); upsets > 0; --upsets) {
        const bool pause = dice(random, 2) == 0;
        made.upsets.push_back({pause ? Upset::Kind::pause : Upset::Kind::crash, some_time(random),
                               dice(random, made.nodes), 3s + Milliseconds{dice(random, 12'000)}});
    }
    return made;
}

}  // namespace tributary::simulation

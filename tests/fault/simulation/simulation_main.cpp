// Runs many seeds, or one with a trace. With a broken guard many seeds end at the first bad one.
//   simulation [--from N] [--seeds N] [--seconds N] [--broken GUARD]    N seeds at most, for so long at most
//   simulation --seed N [--broken fence|dedup|second_consent|hold]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/fault/simulation/simulation.hpp"

// A node that crashes drops its coroutines where they stand, and Asio's promises do not free what they hold then.
extern "C" const char* __asan_default_options() {
    return "detect_leaks=0";
}

namespace {

using namespace tributary::simulation;

constexpr std::uint64_t kSeedsOfAHouse = 200;  // then a fresh store
constexpr std::size_t kTold = 20;              // bad seeds, by number

struct Options {
    std::uint64_t from = 1, seeds = 10'000, seconds = 60;
    std::optional<std::uint64_t> seed;
    Broken broken = Broken::none;
};

std::optional<Options> read(int count, char** arguments) {
    Options options;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string name = arguments[i], value = arguments[i + 1];
        const auto number = std::strtoull(value.c_str(), nullptr, 10);
        if (name == "--from")
            options.from = number;
        else if (name == "--seeds")
            options.seeds = number;
        else if (name == "--seconds")
            options.seconds = number;
        else if (name == "--seed")
            options.seed = number;
        else if (name == "--broken" && value == "fence")
            options.broken = Broken::fence;
        else if (name == "--broken" && value == "dedup")
            options.broken = Broken::dedup;
        else if (name == "--broken" && value == "second_consent")
            options.broken = Broken::second_consent;
        else if (name == "--broken" && value == "hold")
            options.broken = Broken::hold;
        else
            return std::nullopt;
    }
    return count % 2 == 1 ? std::optional(options) : std::nullopt;
}

struct Sum {
    std::uint64_t seeds = 0, bad = 0, changes = 0, sent = 0, again = 0, effects = 0, crashes = 0, pauses = 0,
                  withdrawals = 0, dead = 0;
    std::vector<std::uint64_t> bad_seeds;
    std::string what;
    void add(std::uint64_t seed, const Outcome& outcome) {
        ++seeds;
        changes += outcome.changes;
        sent += outcome.sent;
        again += outcome.sent_again;
        effects += outcome.effects;
        crashes += outcome.crashes;
        pauses += outcome.pauses;
        withdrawals += outcome.withdrawals;
        dead += outcome.dead;
        if (outcome.breaches.empty()) return;
        if (++bad == 1) what = outcome.breaches.front();
        if (bad_seeds.size() < kTold) bad_seeds.push_back(seed);
    }
};

Sum run(const Options& options) {
    const auto ends = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
    const bool until_bad = options.broken != Broken::none;
    Sum sum;
    std::unique_ptr<House> house;
    for (std::uint64_t i = 0; i < options.seeds; ++i) {
        if (i % kSeedsOfAHouse == 0) {
            house.reset();
            house = std::make_unique<House>();
        }
        sum.add(options.from + i, simulate(*house, options.from + i, options.broken, false));
        if ((until_bad && sum.bad > 0) || std::chrono::steady_clock::now() > ends) break;
    }
    return sum;
}

int replay(const Options& options) {
    House house;
    const auto outcome = simulate(house, *options.seed, options.broken, true);
    for (const auto& breach : outcome.breaches) std::printf("BREACH %s\n", breach.c_str());
    return outcome.breaches.empty() ? 0 : 1;
}

unsigned long long wide(std::uint64_t number) {
    return number;
}

}  // namespace

int main(int count, char** arguments) {
    const auto options = read(count, arguments);
    if (!options) {
        std::fprintf(stderr, "usage: simulation [--from N] [--seeds N] [--seconds N] [--broken GUARD] | --seed N\n");
        return 2;
    }
    if (options->seed) return replay(*options);
    const auto sum = run(*options);
    std::printf(
        "seeds=%llu bad=%llu changes=%llu sent=%llu sent_again=%llu effects=%llu crashes=%llu pauses=%llu "
        "withdrawals=%llu dead_letters=%llu\n",
        wide(sum.seeds), wide(sum.bad), wide(sum.changes), wide(sum.sent), wide(sum.again), wide(sum.effects),
        wide(sum.crashes), wide(sum.pauses), wide(sum.withdrawals), wide(sum.dead));
    for (const auto seed : sum.bad_seeds) std::printf("bad %llu\n", wide(seed));
    if (sum.bad > 0) std::printf("first: %s\n", sum.what.c_str());
    return sum.bad > 0 ? 1 : 0;
}

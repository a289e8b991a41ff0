// Runs many seeds, or one with a trace.
//   simulation [--seeds N] [--seconds N] [--from N]      N seeds at most, for so long at most
//   simulation --seed N [--broken fence|dedup|second_consent|hold]
#include <algorithm>
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
constexpr std::uint64_t kFoundWithin = 1000;   // seeds, for each broken guard

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
    std::optional<std::uint64_t> first_bad;
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
        ++bad;
        if (first_bad) return;
        first_bad = seed;
        what = outcome.breaches.front();
    }
};

// Seeds from `from` on, until one is bad when that is enough.
Sum run(const Options& options, Broken broken, std::uint64_t seeds, bool until_bad) {
    const auto ends = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
    Sum sum;
    std::unique_ptr<House> house;
    for (std::uint64_t i = 0; i < seeds; ++i) {
        if (i % kSeedsOfAHouse == 0) {
            house.reset();
            house = std::make_unique<House>();
        }
        sum.add(options.from + i, simulate(*house, options.from + i, broken, false));
        if ((until_bad && sum.bad > 0) || (!until_bad && std::chrono::steady_clock::now() > ends)) break;
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
        std::fprintf(stderr, "usage: simulation [--seeds N] [--seconds N] [--from N] | --seed N [--broken GUARD]\n");
        return 2;
    }
    if (options->seed) return replay(*options);
    const auto began = std::chrono::steady_clock::now();
    const auto sum = run(*options, Broken::none, options->seeds, false);
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::printf(
        "COUNTS simulation injected=%llu bad=%llu changes=%llu sent=%llu sent_again=%llu effects=%llu crashes=%llu "
        "pauses=%llu withdrawals=%llu dead_letters=%llu seconds=%.0f seed=%llu\n",
        wide(sum.seeds), wide(sum.bad), wide(sum.changes), wide(sum.sent), wide(sum.again), wide(sum.effects),
        wide(sum.crashes), wide(sum.pauses), wide(sum.withdrawals), wide(sum.dead), took, wide(options->from));
    bool failed = sum.bad > 0;
    if (failed)
        std::printf("FAIL simulated nodes keep every promise: %llu of %llu seeds are bad, first %llu: %s\n",
                    wide(sum.bad), wide(sum.seeds), wide(*sum.first_bad), sum.what.c_str());
    else
        std::printf("PASS simulated nodes keep every promise\n");
    for (const auto broken : {Broken::fence, Broken::dedup, Broken::second_consent, Broken::hold}) {
        const auto found = run(*options, broken, kFoundWithin, true);
        std::printf("COUNTS simulation_without_%s seeds=%llu found=%llu\n", name_of(broken), wide(found.seeds),
                    wide(found.bad));
        std::printf("%s a simulation without %s is found out%s%s\n", found.bad > 0 ? "PASS" : "FAIL", name_of(broken),
                    found.bad > 0 ? "" : ": no seed saw it", "");
        failed = failed || found.bad == 0;
    }
    return failed ? 1 : 0;
}

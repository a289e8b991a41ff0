// A sync run through the engine, whatever its store is: first run, then everything again.
#pragma once

#include <fmt/format.h>
#include <time.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

#include "tests/bench/engine.hpp"
#include "tests/bench/mapping_data.hpp"
#include "tests/bench/mapping_text.hpp"
#include "tests/bench/numbered_sync.hpp"

namespace bench {

struct Rate {
    double wall = 0, cpu = 0;  // records for each second, and for each second of CPU time of all threads
};

inline double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class F>
Rate rate_of(std::size_t records, F&& work) {
    const auto begin = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    work();
    const auto count = static_cast<double>(records);
    return {count / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
            count / (cpu_seconds() - cpu)};
}

struct Rates {
    Rate first, again;
};

// All lines into an empty store, then all of them again, when their customers stay out of it unchanged. Ends the bench
// when what was written is not what should have been.
inline Rates through_engine(Engine& engine, const Lines& lines, std::size_t page, bool linked) {
    using namespace tributary;
    connect(engine, order_mapping(linked),
            std::make_unique<NumberedSource>(lines.lines.size(), page, [&](std::size_t i) {
                return connector::SourceRecord{std::to_string(5000000000000 + i), std::string(lines.lines[i]), false};
            }));
    const auto count = lines.lines.size();
    flow::SyncProgress progress;
    const auto first = rate_of(count, [&] { progress = sync(engine, {.from_start = true}); });
    if (progress.changed < lines.lines.size())
        fmt::print(stderr, "first run: {} written\n", progress.changed), std::exit(1);
    const auto again = rate_of(count, [&] { progress = sync(engine, {.from_start = true}); });
    // With links the newest form of a customer wins, so customers of several orders are written again.
    if (!linked && progress.unchanged != lines.lines.size())
        fmt::print(stderr, "second run: {} unchanged\n", progress.unchanged), std::exit(1);
    return {first, again};
}

}  // namespace bench

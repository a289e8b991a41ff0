// What every bench prints in the end: one line for each ratio, which tests/bench/run.py gathers into its table.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

namespace bench {

// REQUIRES: at least one value.
inline double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

// Rounds of one comparison, each measured beside the other, so that the ratio of a round means something on a machine
// whose speed changes by the minute.
struct Rounds {
    std::vector<double> ours, theirs, ratios;

    void add(double our, double their) {
        ours.push_back(our);
        theirs.push_back(their);
        ratios.push_back(our / their);
    }
};

// `unit` such as "records/s". A goal of 0: the figure is there to be seen, nothing is owed.
inline void print_result(std::string_view name, const Rounds& rounds, std::string_view unit, double goal) {
    fmt::print("  ratio {:.2f}, rounds {:.2f} to {:.2f}\n", median(rounds.ratios),
               *std::ranges::min_element(rounds.ratios), *std::ranges::max_element(rounds.ratios));
    fmt::print("result: {} | {:.0f} {} | {:.0f} {} | {:.2f} | {:.2f}\n", name, median(rounds.ours), unit,
               median(rounds.theirs), unit, median(rounds.ratios), goal);
    std::fflush(stdout);
}

}  // namespace bench

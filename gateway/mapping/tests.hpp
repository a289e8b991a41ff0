// Runs the inline tests of a mapping: the `tests:` of its file.
#pragma once

#include <string>
#include <vector>

#include "gateway/mapping/plan.hpp"
#include "gateway/spec/problem.hpp"

namespace tributary::mapping {

struct TestResult {
    std::string name;
    spec::Place place;
    // What differs, one line each: "total.minor: expected 1250, found 1205". Values of test records are shown: they
    // stand in the mapping's own file. Empty: passed.
    std::vector<std::string> differences;

    bool passed() const { return differences.empty(); }
};

std::vector<TestResult> run_tests(const Plan& plan, Scratch& scratch);

}  // namespace tributary::mapping

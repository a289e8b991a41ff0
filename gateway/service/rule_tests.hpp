// Runs the tests that stand in a rule file beside its rules.
#pragma once

#include <string>
#include <vector>

#include "gateway/service/rulebook.hpp"

namespace tributary::service {

struct RuleTestResult {
    std::string name;
    spec::Place place;
    // What differs, one line each. Values of test messages are shown: they stand in the file. Empty: passed.
    std::vector<std::string> differences;

    bool passed() const { return differences.empty(); }
};

// Each message is judged alone, as the first of its conversation; its age is not looked at.
std::vector<RuleTestResult> run_tests(const Rulebook& book);

}  // namespace tributary::service

#include "gateway/mapping/tests.hpp"

#include <algorithm>
#include <utility>

#include "gateway/mapping/program.hpp"
#include "gateway/value/json.hpp"

namespace tributary::mapping {

namespace {

using Differences = std::vector<std::string>;

std::string described(value::Node node) {
    return node.is(value::Kind::missing) ? "nothing" : value::to_json(node);
}

// Objects: every expected member; null: not there. Arrays: the same length. Scalars: the same text.
void compare(const std::string& path, value::Node expected, value::Node found, Differences& out) {
    const auto differs = [&] {
        out.push_back((path.empty() ? "record" : path) + ": expected " + described(expected) + ", found " +
                      described(found));
    };
    if (expected.is(value::Kind::object) && found.is(value::Kind::object)) {
        for (const auto member : expected)
            compare(path.empty() ? std::string(member.key()) : path + "." + std::string(member.key()), member,
                    found.find(member.key()), out);
        return;
    }
    if (expected.is(value::Kind::array) && found.is(value::Kind::array)) {
        if (expected.size() != found.size()) return differs();
        for (std::size_t i = 0; i < expected.size(); ++i)
            compare(path + "[" + std::to_string(i) + "]", expected.at(i), found.at(i), out);
        return;
    }
    if (!expected && !found) return;
    const bool scalars = expected && found && expected.kind() < value::Kind::array && found.kind() < value::Kind::array;
    if (!scalars || expected.kind() != found.kind() || expected.scalar_text() != found.scalar_text()) differs();
}

void compare_issues(const Test& test, const Mapped& mapped, Differences& out) {
    auto left = test.expect_issues;
    for (const auto& issue : mapped.issues) {
        const auto same = [&](const ExpectedIssue& expected) {
            return expected.code == issue.code && (expected.target.empty() || expected.target == issue.target);
        };
        if (const auto found = std::ranges::find_if(left, same); found != left.end())
            left.erase(found);
        else
            out.push_back("unexpected issue " + issue.code + ": " + issue.text());
    }
    for (const auto& expected : left)
        out.push_back("missing issue " + expected.code + (expected.target.empty() ? "" : " of " + expected.target));
}

// A record that nothing matches is compared with the first of its entity and key, so that the difference can be seen.
void compare_records(const Test& test, const Mapped& mapped, Differences& out) {
    for (const auto& expected : test.expect_records) {
        const auto wanted = spec::to_document(expected.record);
        Differences first;
        bool candidate = false, matched = false;
        for (std::size_t i = 1; i < mapped.records.size() && !matched; ++i) {
            const auto& record = mapped.records[i];
            if (record.entity != expected.entity || (!expected.key.empty() && record.key != expected.key)) continue;
            Differences differences;
            compare(expected.entity + " " + expected.key, wanted.root(), record.document.root(), differences);
            matched = differences.empty();
            if (!std::exchange(candidate, true)) first = std::move(differences);
        }
        if (matched) continue;
        if (!candidate)
            out.push_back("no record of " + expected.entity +
                          (expected.key.empty() ? "" : " with key " + expected.key));
        out.insert(out.end(), first.begin(), first.end());
    }
}

TestResult run_one(const Plan& plan, const Test& test, Scratch& scratch) {
    TestResult result{.name = test.name, .place = test.place};
    const auto given = spec::to_document(test.given);
    const auto mapped = plan.run(given.root(), scratch);
    auto& out = result.differences;
    compare_issues(test, mapped, out);
    if (mapped.skipped != test.expect_skipped)
        out.emplace_back(mapped.skipped ? "the record was skipped" : "the record was not skipped");
    if (mapped.records.empty()) {
        if (test.expect) out.emplace_back("there is no record");
        return result;
    }
    const auto& main = mapped.records.front();
    if (main.deleted != test.expect_deleted)
        out.emplace_back(main.deleted ? "the record is a tombstone" : "the record is no tombstone");
    if (test.expect) {
        const auto wanted = spec::to_document(*test.expect);
        compare({}, wanted.root(), main.document.root(), out);
    }
    compare_records(test, mapped, out);
    return result;
}

}  // namespace

std::vector<TestResult> run_tests(const Plan& plan, Scratch& scratch) {
    std::vector<TestResult> results;
    for (const auto& test : plan.program().tests) results.push_back(run_one(plan, test, scratch));
    return results;
}

}  // namespace tributary::mapping

#include "gateway/service/rule_tests.hpp"

#include "gateway/record/timestamp.hpp"
#include "gateway/service/case_record.hpp"
#include "gateway/value/json.hpp"

namespace tributary::service {
namespace {

using Differences = std::vector<std::string>;

// Every expected member; null: not there. Lists have the same length, scalars the same text.
void compare(const std::string& path, value::Node expected, value::Node found, Differences& out) {
    auto inside = [&](std::string_view key) { return path.empty() ? std::string(key) : path + "." + std::string(key); };
    if (expected.is(value::Kind::object) && found.is(value::Kind::object)) {
        for (auto member : expected) compare(inside(member.key()), member, found.find(member.key()), out);
    } else if (expected.is(value::Kind::array) && found.is(value::Kind::array) && expected.size() == found.size()) {
        for (std::size_t i = 0; i < expected.size(); ++i)
            compare(path + "[" + std::to_string(i) + "]", expected.at(i), found.at(i), out);
    } else if (expected || found) {
        bool scalars = expected.kind() < value::Kind::array && found.kind() < value::Kind::array;
        if (!expected || !found || !scalars || expected.scalar_text() != found.scalar_text())
            out.push_back(path + ": expected " + value::to_json(expected) + ", found " +
                          (found ? value::to_json(found) : "nothing"));
    }
}

RuleTestResult run_one(const Rulebook& book, const RuleTest& test) {
    RuleTestResult result{.name = test.name, .place = test.place, .differences = {}};
    auto& out = result.differences;
    auto given = spec::to_document(test.given);
    auto judgement = book.judge(test.connection, given.root());
    const auto* verdict = judgement.spoken ? judgement.verdict() : nullptr;
    auto rule = verdict ? verdict->rule : judgement.ignored_by;
    if (!test.expect_rule.empty() && rule != test.expect_rule)
        out.push_back("expected rule " + test.expect_rule + ", found " + (rule.empty() ? "none" : rule));
    if (test.expect_none && verdict)
        out.push_back("it opens a case by rule " + verdict->rule + ": " + verdict->because);
    if (!test.expect) return result;
    if (!verdict) {
        out.push_back(rule.empty() ? "it opens no case" : "it opens no case: rule " + rule + " ignores it");
        return result;
    }
    auto at = record::parse_timestamp(given.root().find("started_at").text()).value_or(Timestamp{});
    auto opened = open_case(
        book, judgement, {.external_id = "test", .interaction = {}, .at = at, .record = given.root()}, "C-00000-00000");
    auto expected = spec::to_document(*test.expect);
    compare("", expected.root(), opened.root(), out);
    return result;
}

}  // namespace

std::vector<RuleTestResult> run_tests(const Rulebook& book) {
    std::vector<RuleTestResult> results;
    for (const auto& test : book.tests()) results.push_back(run_one(book, test));
    return results;
}

}  // namespace tributary::service

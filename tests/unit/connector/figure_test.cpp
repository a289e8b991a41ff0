// Numbers by which answers tell of their own limits, as platforms send them.
#include "gateway/connector/declarative/budget_rule.hpp"

#include <catch2/catch.hpp>

#include "gateway/spec/load.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

BudgetRule budget_of(const std::string& signals) {
    spec::Problems problems;
    auto rule =
        spec::load_text<BudgetRule>("{ capacity: 10, refill: 1/s, signals: " + signals + " }", "test.yaml", problems);
    INFO(problems.text());
    REQUIRE(problems.ok());
    return *std::move(rule);
}

Answer answer_of(net::Headers headers, std::string body = "{}") {
    return read_answer({.status = 200, .headers = std::move(headers), .body = std::move(body)}, AnswerForm{});
}

std::string spent(const BudgetRule& rule, const Answer& answer) {
    const auto told = rule.signals.at(0).read(answer);
    return told ? std::to_string(static_cast<int>(told->used)) + "/" + std::to_string(static_cast<int>(told->of))
                : "nothing";
}

}  // namespace

TEST_CASE("the server's own count is read wherever it stands", "[budget]") {
    const auto shop = budget_of(
        R"x({ used: { header: X-Limit, matches: "^([0-9]+)/" }, of: { header: X-Limit, matches: "/([0-9]+)$" } })x");
    CHECK(spent(shop, answer_of({{"x-limit", "32/40"}})) == "32/40");
    CHECK(spent(shop, answer_of({{"X-Limit", "many"}})) == "nothing");
    CHECK(spent(shop, answer_of({})) == "nothing");
    const auto left = budget_of("{ left: { header: X-Left }, of: { header: X-Of } }");
    CHECK(spent(left, answer_of({{"X-Left", "5"}, {"X-Of", " 40 "}})) == "35/40");
    CHECK(spent(left, answer_of({{"X-Left", "5"}, {"X-Of", "0"}})) == "nothing");
    const auto salesforce = budget_of(
        R"x({ used: { header: I, matches: "api-usage=([0-9]+)/" }, of: { header: I, matches: "api-usage=[0-9]+/([0-9]+)" } })x");
    CHECK(spent(salesforce, answer_of({{"I", "api-usage=18/5000; per-app-api-usage=1/250(appName=x)"}})) == "18/5000");
    const auto points = budget_of("{ left: { body: extensions.cost.left }, of: { body: extensions.cost.of } }");
    CHECK(spent(points, answer_of({}, R"({"extensions":{"cost":{"left":250.0,"of":1000}}})")) == "750/1000");
    const auto percent = budget_of("{ used: { header: U, json: [call_count, total_time] }, of: 100 }");
    CHECK(spent(percent, answer_of({{"U", R"({"call_count":28,"total_time":25,"other":99})"}})) == "28/100");
    CHECK(
        spent(percent,
              answer_of({{"U", R"({"12":[{"type":"x","call_count":7,"total_time":61}],"13":[{"call_count":80}]})"}})) ==
        "80/100");
    for (const auto* text : {"", "{", "[]", R"({"call_count":"no"})", R"({"call_count":null})"})
        CHECK(spent(percent, answer_of({{"U", text}})) == "nothing");
}

TEST_CASE("a signal that says too little or too much is refused with what would be right", "[budget]") {
    const auto told = [](const std::string& signal) {
        spec::Problems problems;
        spec::load_text<BudgetRule>("{ capacity: 1, refill: 1/s, signals: " + signal + " }", "test.yaml", problems);
        return problems.text();
    };
    CHECK(told("{ of: 3 }").contains("either used or left"));
    CHECK(told("{ used: { header: A }, left: { header: A }, of: 3 }").contains("either used or left"));
    CHECK(told("{ used: { header: A, body: b }, of: 3 }").contains("either header or body"));
    CHECK(told("{ used: { header: A, matches: '(' }, of: 3 }").contains("regular expression"));
    CHECK(told("{ used: { header: A } }").contains("of"));
}

TEST_CASE("a wait that stands in JSON of a header is kept", "[budget]") {
    spec::Problems problems;
    const auto hint = spec::load_text<ThrottleHint>("{ header: U, json: wait, unit: minutes }", "test.yaml", problems);
    REQUIRE(problems.ok());
    const auto answer = answer_of({{"U", R"({"1":[{"wait":4},{"wait":9}]})"}});
    CHECK(wait_hint(answer, {*hint}, Timestamp{}) == std::chrono::minutes(9));
}

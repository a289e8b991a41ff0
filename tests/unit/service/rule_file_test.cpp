#include <catch2/catch.hpp>
#include <filesystem>

#include "gateway/service/rule_tests.hpp"

using namespace tributary;

namespace {

std::vector<std::string> failures(const std::string& file) {
    spec::Problems problems;
    auto book = service::Rulebook::load(file, problems);
    INFO(problems.text());
    REQUIRE(book);
    REQUIRE_FALSE(book->tests().empty());
    std::vector<std::string> out;
    for (const auto& result : service::run_tests(*book))
        for (const auto& difference : result.differences) out.push_back(result.name + ": " + difference);
    return out;
}

std::string problems_of(const std::string& text) {
    spec::Problems problems;
    auto book = service::Rulebook::load_text(text, "rules.yaml", problems);
    CHECK(book.has_value() == problems.ok());
    return problems.text();
}

}  // namespace

TEST_CASE("the shipped service rules do what their tests say", "[service]") {
    CHECK(failures(TRIBUTARY_SOURCE_DIR "/config/service_rules.yaml") == std::vector<std::string>{});
}

TEST_CASE("rule files of the cases", "[service]") {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(TRIBUTARY_SOURCE_DIR "/tests/cases/service/rules")) {
        ++files;
        INFO(entry.path());
        CHECK(failures(entry.path().string()) == std::vector<std::string>{});
    }
    CHECK(files > 0);
}

TEST_CASE("a test that does not hold says what differs", "[service]") {
    spec::Problems problems;
    auto book = service::Rulebook::load_text(R"(
rules: [ { name: all, case: { kind: question } } ]
tests:
  - { name: one, given: { body: x }, expect: { kind: complaint } }
  - { name: two, given: { body: x }, expect_none: true }
  - { name: three, given: { body: x, direction: outbound }, expect: { kind: question } }
  - { name: four, given: { body: x }, expect_rule: other }
)",
                                             "rules.yaml", problems);
    REQUIRE(book);
    auto results = service::run_tests(*book);
    REQUIRE(results.size() == 4);
    CHECK(results[0].differences == std::vector<std::string>{R"(kind: expected "complaint", found "question")"});
    CHECK(results[1].differences == std::vector<std::string>{"it opens a case by rule all: "});
    CHECK(results[2].differences == std::vector<std::string>{"it opens no case"});
    CHECK(results[3].differences == std::vector<std::string>{"expected rule other, found all"});
}

TEST_CASE("all that is wrong with a rule file is told, with its place", "[service]") {
    auto text = problems_of(R"(
calendar: { time_zone: Europe/Nowhere }
privacy:
  - { name: erase, case: { kind: privacy_request } }
  - { name: wrong, case: { kind: question, resolve: 1 month } }
rules:
  - { name: both, ignore: true, case: { kind: question } }
  - { name: late, case: { kind: question, resolve: soon } }
)");
    for (auto part : {"time zone 'Europe/Nowhere'", "a privacy request has a deadline", "has kind: privacy_request",
                      "either `case` or `ignore: true`", "15 working days or 1 month"}) {
        INFO(text << "\n" << part);
        CHECK(text.find(part) != std::string::npos);
    }
    CHECK(problems_of("rules: [ { name: a, when: { words: angri }, ignore: true } ]\nwords: { angry: [bad] }")
              .find("did you mean angry?") != std::string::npos);
    CHECK(problems_of("rules: [ { name: a, when: { patterns: '(' }, ignore: true } ]").find("RE2") !=
          std::string::npos);
    CHECK(problems_of("calendar: { holidays: ['2026-02-30'] }").find("must be a date") != std::string::npos);
    CHECK(problems_of("words: { angry: ['*'] }").find("is no word") != std::string::npos);
    CHECK(problems_of("words: { angry: ['!'] }").find("is no word") != std::string::npos);
}

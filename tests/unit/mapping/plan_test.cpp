// What the case files cannot say: versions, traces, sharing.
#include "gateway/mapping/plan.hpp"

#include <catch2/catch.hpp>

#include <thread>

#include "gateway/mapping/compile.hpp"
#include "gateway/mapping/tests.hpp"
#include "gateway/mapping/trace.hpp"
#include "gateway/record/load_model.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;

namespace {

const record::Model& model() {
    static const auto loaded = [] {
        spec::Problems problems;
        return record::load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems).value();
    }();
    return loaded;
}

std::shared_ptr<const mapping::Plan> compile(std::string_view yaml, const mapping::Lookups& lookups = {}) {
    spec::Problems problems;
    auto plan = mapping::compile_text(yaml, "test", model(), lookups, problems);
    if (!plan) FAIL(problems.text());
    return plan;
}

constexpr std::string_view kProduct = R"(
mapping: shop/product
to: product
fields:
  name: title
  sku: { from: sku, on_error: drop }
  price: { from: price, currency: EUR }
)";

mapping::Lookups lookups_of(std::string_view yaml) {
    spec::Problems problems;
    mapping::Lookups lookups;
    lookups.emplace("words", spec::parse_yaml(yaml, "words.yaml", problems).value());
    return lookups;
}

}  // namespace

TEST_CASE("a mapping's version follows its meaning, not its layout", "[mapping]") {
    const auto version = compile(kProduct)->version();
    CHECK(version.size() == 16);
    CHECK(compile(std::string(kProduct) + "about: something else\n# a comment\n")->version() == version);
    CHECK(compile(std::string(kProduct) + "tests:\n  - { name: none, given: { title: x } }\n")->version() == version);
    auto changed = std::string(kProduct);
    changed.replace(changed.find("EUR"), 3, "USD");
    CHECK(compile(changed)->version() != version);
    const auto with_lookup = std::string(kProduct) + "  status: { from: state, lookup: words }\n";
    const auto first = compile(with_lookup, lookups_of("{ on: active }"))->version();
    CHECK(compile(with_lookup, lookups_of("{ on: archived }"))->version() != first);
}

TEST_CASE("a trace says for every field where it came from and what became of it", "[mapping]") {
    const auto plan = compile(kProduct);
    mapping::Scratch scratch;
    const auto document = value::parse_json(R"({"title": " Mug ", "sku": {"no": 1}, "price": "1.999"})");
    mapping::Trace trace(true), blind;
    const auto mapped = plan->run(document->root(), scratch, trace);
    std::ignore = plan->run(document->root(), scratch, blind);  // only its trace is of interest
    CHECK_FALSE(mapped.accepted());
    REQUIRE(trace.lines().size() == 3);
    CHECK(trace.lines()[0].target == "name");
    CHECK(trace.lines()[0].source == "title");
    CHECK(trace.lines()[0].kind == value::Kind::text);
    CHECK(trace.lines()[0].how == "text");
    CHECK(trace.lines()[0].outcome == "written");
    CHECK(trace.lines()[0].value == R"(" Mug ")");
    CHECK(trace.lines()[1].outcome == "dropped");
    CHECK(trace.lines()[2].outcome == "failed");
    CHECK(!trace.lines()[2].issue.empty());
    CHECK(blind.lines()[0].value.empty());
    CHECK(trace.text().find("name") != std::string::npos);
}

TEST_CASE("issues name places and never values", "[mapping]") {
    const auto plan = compile(kProduct);
    mapping::Scratch scratch;
    const auto document =
        value::parse_json(R"({"title": "secret-title", "sku": ["secret-sku"], "price": "secret-price"})");
    const auto mapped = plan->run(document->root(), scratch);
    REQUIRE(mapped.issues.size() == 2);
    for (const auto& issue : mapped.issues) CHECK(issue.text().find("secret") == std::string::npos);
    CHECK(mapped.issues[0].level == mapping::Level::dropped);
    CHECK(mapped.issues[1].text().starts_with("price (from price): "));
}

TEST_CASE("one plan serves several threads", "[mapping]") {
    const auto plan = compile(std::string(kProduct) + "  description: { lua: \"return record.title:upper()\" }\n");
    std::vector<std::string> results(4);
    {
        std::vector<std::jthread> threads;
        for (auto& result : results)
            threads.emplace_back([&plan, &result] {
                mapping::Scratch scratch;
                for (int i = 0; i < 200; ++i) {
                    const auto json = R"({"title": "mug )" + std::to_string(i) + R"(", "price": 1})";
                    const auto document = value::parse_json(json);
                    result += value::to_json(plan->run(document->root(), scratch).records.at(0).document.root());
                }
            });
    }
    CHECK(results[0].find(R"("description":"MUG 199")") != std::string::npos);
    for (const auto& result : results) CHECK(result == results[0]);
}

TEST_CASE("a failing inline test says what differs", "[mapping]") {
    const auto plan = compile(std::string(kProduct) + R"(
tests:
  - { name: right, given: { title: Mug, price: 1 }, expect: { name: Mug, sku: null, price: { minor: 100 } } }
  - { name: wrong, given: { title: Mug, price: 1 }, expect: { name: Cup, price: { minor: "100" } } }
  - { name: silent, given: { title: Mug, price: x } }
  - { name: expected, given: { title: Mug, price: x }, expect_issues: [ { code: money_invalid, target: price } ] }
  - { name: missing, given: { title: Mug }, expect_issues: [ money_invalid ], expect_records: [ { entity: contact, record: {} } ] }
)");
    mapping::Scratch scratch;
    const auto results = mapping::run_tests(*plan, scratch);
    REQUIRE(results.size() == 5);
    CHECK(results[0].passed());
    CHECK(results[1].differences == std::vector<std::string>{R"(name: expected "Cup", found "Mug")",
                                                             R"(price.minor: expected "100", found 100)"});
    CHECK(results[2].differences.size() == 1);
    CHECK(results[3].passed());
    CHECK(results[4].differences == std::vector<std::string>{"missing issue money_invalid", "no record of contact"});
    CHECK(results[1].place.mark.line > 1);
}

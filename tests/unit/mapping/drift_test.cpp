#include "gateway/mapping/drift.hpp"

#include <catch2/catch.hpp>

#include "gateway/value/json.hpp"

using namespace tributary;
using mapping::Drift;
using mapping::DriftFinding;

namespace {

const Timestamp kStart{Milliseconds{1'000'000}};

void observe(Drift& drift, std::string_view json, std::uint64_t times, Timestamp now = kStart) {
    const auto document = value::parse_json(json);
    REQUIRE(document);
    for (std::uint64_t i = 0; i < times; ++i) drift.observe(document->root(), now);
}

Drift learned(std::string_view json) {
    Drift drift;
    observe(drift, json, Drift::kLearned);
    return drift;
}

}  // namespace

TEST_CASE("what a source sent from the start is no drift", "[mapping][drift]") {
    auto drift = learned(R"({"a": 1, "b": null, "lines": [{"sku": "x"}]})");
    observe(drift, R"({"a": 2.5, "b": "now it has a kind", "lines": []})", 64);
    CHECK(drift.findings().empty());
}

TEST_CASE("a new field and a changed kind are counted once noticed", "[mapping][drift]") {
    auto drift = learned(R"({"a": 1, "lines": [{"sku": "x"}]})");
    const auto later = kStart + std::chrono::hours(1);
    observe(drift, R"({"a": "1", "lines": [{"sku": "x", "gift": true}, {"sku": "y"}], "new": {"deep": 1}})",
            Drift::kSampled * 3, later);
    const auto findings = drift.findings();
    REQUIRE(findings.size() == 4);
    CHECK(findings[0].path == "a");
    CHECK(findings[0].what == DriftFinding::What::new_kind);
    CHECK(findings[0].kind == "text");
    CHECK(findings[0].count == 3);
    CHECK(findings[0].first_seen == later);
    CHECK(findings[1].path == "lines[].gift");
    CHECK(findings[1].what == DriftFinding::What::new_field);
    CHECK(findings[2].path == "new");
    CHECK(findings[3].path == "new.deep");
    drift.accept();
    observe(drift, R"({"a": "1", "new": {"deep": 1}})", 32, later);
    CHECK(drift.findings().empty());
}

TEST_CASE("drift counters are bounded", "[mapping][drift]") {
    Drift drift;
    for (int i = 0; i < 50; ++i) {
        std::string json = "{";
        for (int k = 0; k < 100; ++k) json += (k ? ",\"k" : "\"k") + std::to_string(i * 100 + k) + "\":1";
        observe(drift, json + "}", 1);
    }
    CHECK(drift.overflow() == 5000 - Drift::kMostPaths);
    CHECK(drift.records() == 50);
}

TEST_CASE("saved drift counters come back, and go on the same way", "[mapping][drift]") {
    auto drift = learned(R"({"a": [[{"b": 1}]], "c": 1})");
    observe(drift, R"({"a": [[{"b": "x"}]], "d": 1})", Drift::kSampled);
    const auto saved = value::to_json(drift.save().root());
    auto loaded = Drift::load(value::parse_json(saved)->root());
    REQUIRE(loaded);
    CHECK(value::to_json(loaded->save().root()) == saved);
    observe(drift, R"({"a": [[{"b": "x"}]], "d": 1})", Drift::kSampled);
    observe(*loaded, R"({"a": [[{"b": "x"}]], "d": 1})", Drift::kSampled);
    CHECK(value::to_json(loaded->save().root()) == value::to_json(drift.save().root()));
    CHECK_FALSE(Drift::load(value::parse_json(R"({"paths": 1})")->root()));
}

TEST_CASE("counters of two threads add up", "[mapping][drift]") {
    auto one = learned(R"({"a": 1})"), other = learned(R"({"a": 1, "rare": 1})");
    observe(one, R"({"a": 1, "rare": 1, "new": 1})", Drift::kSampled * 2);
    observe(other, R"({"a": 1, "new": 1})", Drift::kSampled, kStart + std::chrono::hours(1));
    one.merge(other);
    const auto findings = one.findings();
    REQUIRE(findings.size() == 1);  // the other one knew `rare`
    CHECK(findings[0].path == "new");
    CHECK(findings[0].count == 3);
    CHECK(findings[0].first_seen == kStart);
}

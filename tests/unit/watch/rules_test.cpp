#include "gateway/watch/rules.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "gateway/record/timestamp.hpp"
#include "gateway/spec/yaml.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::watch;

namespace {

std::uint64_t whole(value::Node node, std::uint64_t otherwise) {
    return node ? static_cast<std::uint64_t>(node.integer()) : otherwise;
}

Limits limits_of(value::Node node) {
    Limits limits;
    limits.rows_per_hour = whole(node.find("rows_per_hour"), limits.rows_per_hour);
    limits.rows_least = whole(node.find("rows_least"), limits.rows_least);
    limits.requests_per_day = whole(node.find("requests_per_day"), limits.requests_per_day);
    limits.denials_least = whole(node.find("denials_least"), limits.denials_least);
    limits.dead_letters_per_hour = whole(node.find("dead_letters_per_hour"), limits.dead_letters_per_hour);
    for (auto canary : node.find("canaries")) limits.canaries.emplace(canary.text());
    if (auto office = node.find("office")) {
        limits.zone = *record::ZoneRule::find(office.find("zone").text());
        limits.office_begins = static_cast<int>(office.find("begins").integer());
        limits.office_ends = static_cast<int>(office.find("ends").integer());
        limits.weekends = office.find("weekends").boolean();
    }
    return limits;
}

Timestamp time_of(value::Node node) {
    auto at = record::parse_timestamp(node.text());
    REQUIRE(at);
    return *at;
}

Figures figures_of(value::Node node) {
    Figures figures;
    figures.now = time_of(node.find("at"));
    figures.decrypt_failures = whole(node.find("decrypt_failures"), 0);
    figures.dead_letters = whole(node.find("dead_letters"), 0);
    for (auto one : node.find("signature_failures")) figures.signature_failures[std::string(one.key())] = whole(one, 0);
    for (auto one : node.find("waiting"))
        figures.waiting.push_back(
            {std::string(one.find("destination").text()), time_of(one.find("oldest")), one.find("paused").boolean()});
    figures.late_requests = whole(node.find("late_requests"), 0);
    figures.untold = whole(node.find("untold"), 0);
    for (auto one : node.find("by_hand"))
        figures.by_hand.push_back(
            {std::string(one.find("destination").text()), whole(one.find("tasks"), 0), time_of(one.find("due"))});
    figures.disk_free = whole(node.find("disk_free"), 0) << 20;
    figures.disk_size = whole(node.find("disk_size"), 0) << 20;
    figures.oldest_snapshot = std::chrono::seconds(whole(node.find("snapshot_seconds"), 0));
    figures.oldest_transactions = whole(node.find("snapshot_transactions"), 0);
    figures.dead_rows = whole(node.find("dead_rows"), 0);
    figures.live_rows = whole(node.find("live_rows"), 0);
    figures.audit_broken = node.find("audit_broken").text();
    return figures;
}

struct Run {
    Rules rules;
    std::int64_t seq = 0;

    std::vector<Sign> step(value::Node node) {
        if (auto figures = node.find("figures")) return rules.look(figures_of(figures));
        const auto given = node.find("act");
        Act act;
        act.actor = given.find("actor").text();
        act.action = given.find("action").text();
        for (auto detail : given.find("details")) act.details[std::string(detail.key())] = detail.scalar_text();
        std::vector<Sign> all;
        auto at = time_of(given.find("at"));
        for (std::uint64_t i = 0; i < whole(given.find("times"), 1); ++i) {
            act.at = at;
            seq += 1 + given.find("skip").integer();
            act.seq = seq;
            auto signs = rules.see(act, given.find("history").boolean());
            all.insert(all.end(), signs.begin(), signs.end());
            at += std::chrono::minutes(given.find("every").integer());
        }
        return all;
    }
};

}  // namespace

TEST_CASE("signs of a breach", "[watch][rules][req25]") {
    std::size_t cases = 0;
    std::set<std::string> raised;
    for (const auto& file : std::filesystem::directory_iterator(TRIBUTARY_SOURCE_DIR "/tests/cases/watch/rules")) {
        spec::Problems problems;
        const auto yaml = spec::read_yaml(file.path().string(), problems);
        INFO(problems.text());
        REQUIRE(yaml);
        const auto document = spec::to_document(*yaml);
        for (auto one : document.root()) {
            ++cases;
            Run run{Rules(limits_of(one.find("limits")))};
            std::size_t number = 0;
            for (auto step : one.find("steps")) {
                std::vector<std::string> found, expected;
                for (const auto& sign : run.step(step)) {
                    found.push_back(sign.rule + (sign.subject.empty() ? "" : " " + sign.subject) + ": " + sign.what);
                    raised.insert(sign.rule);
                }
                for (auto text : step.find("raises")) expected.emplace_back(text.text());
                INFO(file.path() << ", " << one.find("name").text() << ", step " << ++number);
                CHECK(found == expected);
            }
        }
    }
    CHECK(cases >= 15);
    // Every rule has a case that raises it.
    CHECK(raised == std::set<std::string>(rule_names().begin(), rule_names().end()));
}

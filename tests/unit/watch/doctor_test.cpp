#include "gateway/watch/doctor.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "gateway/spec/yaml.hpp"
#include "gateway/watch/incident.hpp"
#include "gateway/watch/rules.hpp"

using namespace tributary;
using namespace tributary::watch;

TEST_CASE("what a doctor finds", "[watch][doctor]") {
    std::set<std::string> rules;
    spec::Problems problems;
    const auto yaml = spec::read_yaml(TRIBUTARY_SOURCE_DIR "/tests/cases/watch/doctor.yaml", problems);
    INFO(problems.text());
    REQUIRE(yaml);
    const auto document = spec::to_document(*yaml);
    for (auto one : document.root()) {
        std::vector<std::string> found, expected;
        for (const auto& finding : examine(one.find("snapshot"))) {
            found.push_back(finding.severity + " " + finding.rule + ": " + finding.what + " -> " + finding.todo);
            rules.insert(finding.rule);
            CHECK_FALSE(finding.why.empty());
        }
        for (auto text : one.find("finds")) expected.emplace_back(text.text());
        INFO(one.find("name").text());
        CHECK(found == expected);
    }
    CHECK(rules == std::set<std::string>(finding_names().begin(), finding_names().end()));
}

TEST_CASE("every alert and every finding has its section in the runbook", "[watch][doctor]") {
    std::ifstream in(TRIBUTARY_SOURCE_DIR "/docs/runbook.md");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (const auto* names : {&rule_names(), &finding_names()})
        for (const auto& name : *names) {
            INFO(name);
            CHECK(text.find("\n### " + name + "\n") != std::string::npos);
        }
}

TEST_CASE("an incident is ready to be filled in", "[watch][incident]") {
    Incident incident{.alert = 7,
                      .gateway = "acme",
                      .rule = "rows_read",
                      .subject = "eve|<script>\n# forged",
                      .severity = "critical",
                      .what = "9000 rows were read within the hour, the quota is 5000",
                      .times = 2,
                      .destination = {},
                      .subjects = 41,
                      .told = {{"crm", "marketing.email", 40}, {"erp", "service.order", 5}}};
    incident.opened_at = Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 3 / 2));
    const auto text = incident_text(incident);
    CHECK(text.find("2026-03-05 00:00 UTC") != std::string::npos);
    CHECK(text.find("names 41 data subjects") != std::string::npos);
    CHECK(text.find("| crm | marketing.email | 40 |") != std::string::npos);
    CHECK(text.find("eve\\|\\<script>\\u{a}# forged") != std::string::npos);
    incident.told.clear();
    CHECK(incident_text(incident).find("Nothing was disclosed") != std::string::npos);
}

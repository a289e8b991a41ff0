// Runs tests/cases/record/validate.yaml: records of entities and the issues they must give, in any order.
#include <algorithm>
#include <catch2/catch.hpp>

#include "gateway/record/load_model.hpp"
#include "gateway/record/validate.hpp"
#include "gateway/spec/yaml.hpp"

using namespace tributary;
using namespace tributary::record;

TEST_CASE("records give exactly the issues that the case file names", "[record]") {
    spec::Problems problems;
    const auto model = load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", {}, problems);
    const auto cases = spec::read_yaml(TRIBUTARY_SOURCE_DIR "/tests/cases/record/validate.yaml", problems);
    INFO(problems.text());
    REQUIRE(problems.ok());
    for (const auto& each : cases->children()) {
        INFO(each.find("name")->text());
        const auto record = spec::to_document(*each.find("record"));
        std::vector<std::string> expected, found;
        for (const auto& issue : each.find("issues")->children()) expected.push_back(issue.text());
        std::vector<Issue> issues;
        const bool fine = validate(*model->entity(each.find("entity")->text()), record.root(), issues,
                                   each.find("partial") != nullptr);
        for (const auto& issue : issues) {
            CHECK_FALSE(issue.message.empty());
            found.push_back(issue.path + ": " + issue.code);
        }
        std::ranges::sort(expected);
        std::ranges::sort(found);
        CHECK(found == expected);
        CHECK(fine == expected.empty());
    }
    CHECK(cases->size() >= 20);
}

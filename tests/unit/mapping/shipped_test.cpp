// Every mapping that is shipped compiles, and its inline tests pass.
#include <catch2/catch.hpp>

#include "gateway/mapping/compile.hpp"
#include "gateway/mapping/tests.hpp"
#include "gateway/record/load_model.hpp"

using namespace tributary;

TEST_CASE("every shipped mapping compiles and passes its own tests", "[mapping]") {
    const std::string mappings = TRIBUTARY_SOURCE_DIR "/mappings";
    spec::Problems problems;
    const auto model = record::load_model(mappings + "/canonical", "", problems);
    REQUIRE(model);
    const auto plans =
        mapping::load_mappings(mappings, *model, mapping::load_lookups(mappings + "/lookups", problems), problems);
    if (!problems.ok()) FAIL(problems.text());
    CHECK(plans.size() >= 13);
    mapping::Scratch scratch;
    for (const auto& [name, plan] : plans) {
        const auto results = mapping::run_tests(*plan, scratch);
        INFO(name);
        CHECK(!results.empty());
        for (const auto& result : results)
            for (const auto& difference : result.differences)
                FAIL_CHECK(name << ": " << result.name << ": " << difference);
    }
}

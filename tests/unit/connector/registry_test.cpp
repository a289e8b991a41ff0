#include <catch2/catch.hpp>
#include <filesystem>

#include "gateway/connector/registry.hpp"
#include "tests/unit/connector/shipped.hpp"

using namespace tributary;
using namespace tributary::connector;

TEST_CASE("every connector.yaml of the house is free of errors", "[registry]") {
    Registry registry;
    spec::Problems problems;
    registry.load(test::kShippedConnectors, problems);
    INFO(problems.text());
    CHECK(problems.ok());
    for (const auto* name : {"http", "redmine", "shopify", "tryton", "webhook", "woocommerce"}) {
        INFO(name);
        REQUIRE(registry.find(name) != nullptr);
        CHECK_FALSE(registry.find(name)->sources.empty());
    }
}

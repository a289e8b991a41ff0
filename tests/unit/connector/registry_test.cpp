#include <catch2/catch.hpp>
#include <filesystem>

#include "gateway/connector/registry.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {
const std::filesystem::path kConnectors = std::filesystem::path(TRIBUTARY_SOURCE_DIR) / "connectors";
}

TEST_CASE("every connector.yaml of the house is free of errors", "[registry]") {
    Registry registry;
    spec::Problems problems;
    registry.load(kConnectors, problems);
    INFO(problems.text());
    CHECK(problems.ok());
    for (const auto* name : {"http", "redmine", "shopify", "tryton", "webhook", "woocommerce"}) {
        INFO(name);
        REQUIRE(registry.find(name) != nullptr);
        CHECK_FALSE(registry.find(name)->sources.empty());
    }
}

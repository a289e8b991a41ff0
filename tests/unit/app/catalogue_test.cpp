// What a gateway.yaml names is found: the user's folders first, the installation's after them.
#include <catch2/catch.hpp>

#include "gateway/app/catalogue.hpp"
#include "tests/unit/app/folder.hpp"

using namespace tributary;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kProduct =
    "mapping: mine/product\nto: product\nfields:\n  name: { from: code, lookup: colours }\n"
    "tests:\n  - { name: a word, given: { code: r }, expect: { name: Red } }\n";

}  // namespace

TEST_CASE("a mapping uses the lookups of every folder of mappings", "[catalogue]") {
    test::Folder folder("catalogue");
    folder.write("mine/gateway.yaml",
                 "gateway: { name: acme }\npaths: { mappings: [mappings, ../theirs, " TRIBUTARY_SOURCE_DIR
                 "/mappings] }\n");
    folder.write("mine/mappings/mine/product.yaml", kProduct);
    folder.write("theirs/lookups/colours.yaml", "r: Red\n");
    spec::Problems problems;
    auto catalogue = app::load_catalogue(folder.path / "mine/gateway.yaml", TRIBUTARY_SOURCE_DIR, problems);
    CHECK(problems.text() == "");
    REQUIRE(catalogue);
    CHECK(catalogue->plans.contains("mine/product"));
    CHECK(catalogue->plans.contains("shopify/order"));

    fs::remove_all(folder.path / "theirs/lookups");
    CHECK_FALSE(app::load_catalogue(folder.path / "mine/gateway.yaml", TRIBUTARY_SOURCE_DIR, problems));
    CHECK(problems.text().contains("colours"));
}

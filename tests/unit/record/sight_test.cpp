#include "gateway/record/sight.hpp"

#include <catch2/catch.hpp>

#include "gateway/record/load_model.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::record;

namespace {

const Model& canonical() {
    static const auto model = [] {
        spec::Problems problems;
        return load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems).value();
    }();
    return model;
}

// `sights`: s, m or h for P0 to P3.
std::string shown(const char* entity, std::string_view json, std::string_view sights) {
    Sights by_class;
    for (std::size_t i = 0; i < 4; ++i)
        by_class.of_class[i] = sights[i] == 's' ? Sight::shown : sights[i] == 'm' ? Sight::masked : Sight::hidden;
    const auto document = value::parse_json(std::string(json)).value();
    return value::to_json(seen(*canonical().entity(entity), document.root(), by_class).root());
}

}  // namespace

TEST_CASE("requirement 3: personal fields are masked, and one can still see which there are", "[record]") {
    const auto* person =
        R"({"kind":"person","name":{"given":"Anna","family":"Berg"},"emails":[{"address":"anna@example.com","primary":true}],)"
        R"("phones":null,"of_another_time":{"x":["Anna",7]}})";
    const auto text = shown("contact", person, "ssmh");
    INFO(text);
    for (const auto* personal : {"Anna", "Berg", "anna@example.com", "7"}) CHECK_FALSE(text.contains(personal));
    CHECK(text.contains(R"("given":"***")"));
    CHECK(text.contains(R"("of_another_time":{"x":["***","***"]})"));
    CHECK(text.contains(R"("phones":null)"));
    CHECK(shown("contact", person, "ssss") == person);
    CHECK(shown("contact", person, "hhhh") == "{}");
    CHECK(value::to_json(mask_all(value::parse_json(R"({"kind":"person"})")->root()).root()) == R"({"kind":"***"})");
}

TEST_CASE("requirement 3: each class is seen by itself, and of what is left out nothing shows", "[record]") {
    const auto* order =
        R"({"number":"A-7","placed_at":"2026-01-05T09:00:00.000Z","note":"ring twice","total":{"minor":1250,"currency":"EUR"}})";
    CHECK(
        shown("order", order, "ssmh") ==
        R"({"number":"A-7","placed_at":"2026-01-05T09:00:00.000Z","note":"***","total":{"minor":1250,"currency":"EUR"}})");
    CHECK(shown("order", order, "smsh") ==
          R"({"number":"***","placed_at":"***","note":"ring twice","total":{"minor":"***","currency":"***"}})");
    const auto* person = R"({"name":{"full":"Anna"},"gov_ids":[{"scheme":"passport","value":"X1"}]})";
    CHECK(shown("contact", person, "sssh") == R"({"name":{"full":"Anna"}})");
    CHECK(shown("contact", person, "ssmm").contains("gov_ids"));
    CHECK_FALSE(shown("contact", person, "ssmm").contains("X1"));
    CHECK(shown("product", R"({"sku":"S1","price":{"minor":5,"currency":"EUR"}})", "shhh") == R"({"sku":"S1"})");
}

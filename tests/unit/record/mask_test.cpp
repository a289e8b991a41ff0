#include "gateway/record/mask.hpp"

#include <catch2/catch.hpp>

#include "gateway/record/load_model.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;

TEST_CASE("requirement 3: personal fields are masked, and one can still see which there are", "[record]") {
    spec::Problems problems;
    const auto model = record::load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems);
    REQUIRE(model);
    const auto& contact = *model->entity("contact");
    const auto document = value::parse_json(
        R"({"kind":"person","name":{"given":"Anna","family":"Berg"},"emails":[{"address":"anna@example.com","primary":true}],)"
        R"("phones":null,"of_another_time":{"x":["Anna",7]}})");
    const auto masked = record::mask_personal(contact, document->root());
    const auto text = value::to_json(masked.root());
    INFO(text);
    for (const auto* personal : {"Anna", "Berg", "anna@example.com", "7"}) CHECK_FALSE(text.contains(personal));
    CHECK(text.contains(R"("given":"***")"));
    CHECK(text.contains(R"("of_another_time":{"x":["***","***"]})"));
    CHECK(text.contains(R"("phones":null)"));
    const auto* kind = contact.fields.find("kind");
    if (kind && kind->spread == record::Spread::clear) CHECK(text.contains(R"("kind":"person")"));
    CHECK(value::to_json(record::mask_all(document->root()).root()).contains(R"("kind":"***")"));
}

#include "gateway/record/sensitive.hpp"

#include <catch2/catch.hpp>

#include "gateway/record/load_model.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;

TEST_CASE("sensitive parts are found and left out, and all else stays", "[record]") {
    spec::Problems problems;
    auto model = record::load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems);
    REQUIRE(model);
    const auto& contact = *model->entity("contact");
    auto without = [&](std::string_view json) {
        auto document = *value::parse_json(json);
        auto plain = record::without_sensitive(contact, document.root());
        CHECK_FALSE(record::holds_sensitive(contact, plain.root()));
        return value::to_json(plain.root());
    };
    auto plain = R"({"name":{"full":"Ann"},"addresses":[{"country":"DE"}],"customer_number":"7"})";
    CHECK_FALSE(record::holds_sensitive(contact, value::parse_json(plain)->root()));
    CHECK(without(plain) == plain);
    auto document = *value::parse_json(R"({"name":{"full":"Ann"},"gov_ids":[{"scheme":"passport","value":"X"}]})");
    CHECK(record::holds_sensitive(contact, document.root()));
    CHECK(without(R"({"name":{"full":"Ann"},"gov_ids":[{"scheme":"passport","value":"X"}]})") ==
          R"({"name":{"full":"Ann"}})");
    CHECK(without(R"({"addresses":[{"country":"DE","latitude":"52.5"},{"latitude":"1"}]})") ==
          R"({"addresses":[{"country":"DE"}]})");
}

#include "gateway/record/model.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "gateway/record/load_model.hpp"

using namespace tributary;
using namespace tributary::record;

namespace {

constexpr auto kFolder = TRIBUTARY_SOURCE_DIR "/mappings/canonical";

Model shipped() {
    spec::Problems problems;
    auto model = load_model(kFolder, {}, problems);
    INFO(problems.text());
    REQUIRE(model);
    return std::move(*model);
}

void visit(const FieldSet& fields, const std::function<void(const Field&)>& each) {
    for (const auto& field : fields) {
        each(field);
        visit(field.fields, each);
    }
}

// Writes files into a folder of its own and loads them; the problems come back as text.
struct Trial {
    std::filesystem::path folder;
    std::string custom;
    Trial() : folder(std::filesystem::temp_directory_path() / ("tributary_model_" + std::to_string(::getpid()))) {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        write("envelope.yaml", "envelope: true\nabout: x\nfields: {id: {type: uid, class: P1}}\n");
    }
    ~Trial() { std::filesystem::remove_all(folder); }
    void write(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }
    std::string problems() const {
        spec::Problems found;
        auto model = load_model(folder.string(), custom, found);
        CHECK(model.has_value() == found.ok());
        return found.text();
    }
};

}  // namespace

TEST_CASE("the shipped model has every entity", "[model]") {
    const auto model = shipped();
    CHECK(model.entity_names() == std::vector<std::string>{"campaign", "case", "consent_event", "contact", "employee",
                                                           "feedback", "interaction", "lead", "opportunity", "order",
                                                           "order_line", "organisation", "payment", "product",
                                                           "relationship", "segment", "tag"});
    CHECK(model.entity("address") == nullptr);
    CHECK(model.entity("contact")->subject);
    CHECK(model.entity("organisation")->subject);
    CHECK_FALSE(model.entity("order")->subject);
}

TEST_CASE("every field of the shipped model carries a class, and its members agree with it", "[model]") {
    const auto model = shipped();
    std::size_t count = 0;
    for (const auto& entity : model.entities()) {
        visit(entity.fields, [&](const Field& field) {
            INFO(entity.name << "." << field.path);
            ++count;
            CHECK(data_class_named(name_of(field.data_class)) == field.data_class);
            const bool personal = field.data_class >= DataClass::p2_personal;
            if (!field.has_members()) {
                // A field that nothing was said about would be P3 by its default; the loader refuses it.
                if (field.name != "custom") CHECK(field.spread == (personal ? Spread::personal : Spread::clear));
            }
            for (const auto& member : field.fields) {
                CHECK(member.data_class <= field.data_class);
                if (field.spread != Spread::mixed) CHECK(member.spread == field.spread);
            }
        });
    }
    CHECK(count > 900);
}

TEST_CASE("paths find nested fields with their types and classes", "[model]") {
    const auto model = shipped();
    const auto& contact = *model.entity("contact");
    CHECK(contact.fields.at_path("name.given")->type == Type::text);
    CHECK(contact.fields.at_path("name.given")->max_length == 100);
    CHECK(contact.fields.at_path("name.phonetic.family")->data_class == DataClass::p2_personal);
    CHECK(contact.fields.at_path("emails.verified_at")->type == Type::timestamp);
    CHECK(contact.fields.at_path("gov_ids.value")->data_class == DataClass::p3_sensitive);
    CHECK(contact.fields.at_path("addresses.country")->required);
    CHECK(contact.fields.at_path("addresses.latitude")->data_class == DataClass::p3_sensitive);
    CHECK(contact.fields.at_path("status")->default_value == "active");
    CHECK(contact.fields.at_path("source.external_id")->set_by_gateway == false);
    CHECK(contact.fields.at_path("source")->set_by_gateway);
    CHECK(contact.fields.at_path("name.nothing") == nullptr);
    CHECK(contact.fields.at_path("") == nullptr);
    const auto& order = *model.entity("order");
    CHECK(order.fields.at_path("lines.quantity")->required);
    CHECK(order.fields.at_path("lines.unit_price.minor")->type == Type::integer);
    CHECK(order.fields.at_path("lines")->spread == Spread::clear);
    CHECK(order.fields.at_path("payments")->spread == Spread::mixed);
    CHECK(order.fields.at_path("payments.card.last4")->data_class == DataClass::p3_sensitive);
    CHECK(order.link("contact") == order.fields.find("contact_ref"));
    CHECK(order.link("contact_ref")->target == "contact");
    CHECK(order.link("number") == nullptr);
    CHECK(order.link("nobody") == nullptr);
}

TEST_CASE("custom fields are typed members of custom", "[model]") {
    Trial trial;
    trial.write("thing.yaml", "entity: thing\nabout: x\nfields: {name: {type: text, class: P0}}\n");
    const auto file = trial.folder / "custom.yml";
    std::ofstream(file) << "custom:\n  thing:\n    level: {type: enum, values: [silver, gold], class: P1}\n"
                           "    diet: {type: text, class: P3}\n";
    spec::Problems problems;
    const auto model = load_model(trial.folder.string(), file.string(), problems);
    INFO(problems.text());
    REQUIRE(model);
    const auto& thing = *model->entity("thing");
    CHECK(thing.fields.at_path("custom.level")->values == std::vector<std::string>{"silver", "gold"});
    CHECK(thing.fields.at_path("custom.diet")->path == "custom.diet");
    CHECK(thing.fields.find("custom")->spread == Spread::mixed);
    CHECK(thing.fields.find("custom")->data_class == DataClass::p3_sensitive);
}

TEST_CASE("mistakes in the model are all reported with their place", "[model]") {
    Trial trial;
    trial.write("a.yaml",
                "entity: a\nabout: x\nrequire_any: [nme]\nfields:\n"
                "  name: {type: txt, class: P0}\n"
                "  size: {type: text}\n"
                "  kind: {type: enum, class: P0}\n"
                "  other: {type: reference, to: b, class: P0}\n"
                "  id: {type: text, class: P0}\n"
                "  level: {type: text, class: P9}\n");
    const auto text = trial.problems();
    CHECK_THAT(text, Catch::Contains("P9") || Catch::Contains("P0, P1, P2 or P3"));
    CHECK_THAT(text, Catch::Contains("a.yaml:7:") && Catch::Contains("an enum needs its values"));
    trial.write("a.yaml",
                "entity: a\nabout: x\nrequire_any: [nme]\nfields:\n"
                "  name: {type: txt, class: P0}\n"
                "  size: {type: text}\n"
                "  other: {type: reference, to: b, class: P0}\n"
                "  id: {type: text, class: P0}\n"
                "  self: {type: a, class: P0}\n");
    const auto more = trial.problems();
    CHECK_THAT(more, Catch::Contains("a.yaml:5:") && Catch::Contains("did you mean text?"));
    CHECK_THAT(more, Catch::Contains("a.yaml:6:") && Catch::Contains("the field needs a class"));
    CHECK_THAT(more, Catch::Contains("there is no entity \"b\""));
    CHECK_THAT(more, Catch::Contains("the field id has the name of an envelope field"));
    CHECK_THAT(more, Catch::Contains("a.yaml:3:") && Catch::Contains("there is no such field"));
    CHECK_THAT(more, Catch::Contains("the type \"a\" contains itself"));
}

TEST_CASE("a folder without an envelope and a custom field of an unknown entity are problems", "[model]") {
    Trial trial;
    std::filesystem::remove(trial.folder / "envelope.yaml");
    CHECK_THAT(trial.problems(), Catch::Contains("envelope: true"));
    const auto file = trial.folder / "custom.yml";
    std::ofstream(file) << "custom: {nobody: {x: {type: text, class: P1}}}\n";
    trial.custom = file.string();
    CHECK_THAT(trial.problems(), Catch::Contains("there is no entity \"nobody\""));
    spec::Problems problems;
    CHECK_FALSE(load_model((trial.folder / "missing").string(), {}, problems));
    CHECK_FALSE(problems.ok());
}

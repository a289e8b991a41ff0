#include "gateway/spec/schema.hpp"

#include <catch2/catch.hpp>

#include "gateway/value/json.hpp"
#include "tests/unit/spec/sample.hpp"

using namespace tributary;

namespace {

std::optional<sample::Config> load(std::string_view text) {
    spec::Problems problems;
    auto config = spec::load_text<sample::Config>(text, "f", problems);
    INFO(problems.text());
    CHECK(problems.ok());
    return config;
}

const spec::Shape& sample_shape() {
    return describe(spec::Tag<sample::Config>{}).shape();
}

}  // namespace

TEST_CASE("fields left out take the defaults that the reference names", "[spec]") {
    auto config = load("name: acme");
    REQUIRE(config);
    CHECK(config->level == 3);
    CHECK(config->share == 0.5);
    CHECK_FALSE(config->loud);
    CHECK(config->wait == std::chrono::seconds(30));
    CHECK(config->limit == 1U << 20);
    CHECK_FALSE(config->url);
    CHECK(config->nodes.empty());
    CHECK(config->link.value == "nowhere");
    CHECK(config->link.place.file == "default of sample.link");
    CHECK(config->where.mark == spec::Mark{1, 1});
}

TEST_CASE("short forms, recursion and alternatives arrive in their C++ types", "[spec]") {
    auto config = load(
        "name: acme\n"
        "place: { type: server, address: ':80', password: '${secret:a#b}' }\n"
        "nodes: { x: { from: a, names: one, fields: { z: p, y: { from: q, parent: r } } } }\n");
    REQUIRE(config);
    const auto& node = config->nodes.at("x");
    CHECK(node.names == std::vector<std::string>{"one"});
    REQUIRE(node.fields.size() == 2);
    CHECK(node.fields[0].name == "z");
    CHECK(node.fields[0].value.from == "p");
    CHECK(node.fields[1].value.parent->from == "r");
    CHECK(std::get<sample::Server>(*config->place).password.sole()->field == "b");
}

TEST_CASE("the JSON schema is well formed and names every field", "[spec]") {
    auto text = spec::json_schema(sample_shape(), "https://tributary.example/schema/sample.json");
    auto schema = value::parse_json(text);
    REQUIRE(schema);
    auto root = schema->root();
    CHECK(root.find("$schema").text() == "https://json-schema.org/draft/2020-12/schema");
    CHECK(root.find("$ref").text() == "#/$defs/sample");
    auto defs = root.find("$defs");
    auto object = defs.find("sample");
    for (const auto& field : sample_shape().fields) CHECK(object.find("properties").find(field.key));
    CHECK(value::to_json(object.find("required")) == R"(["name"])");
    CHECK_FALSE(object.find("additionalProperties").boolean());
    CHECK(value::to_json(object.find("properties").find("level")) ==
          R"({"type":"integer","minimum":1,"maximum":9,"description":"how high","default":3})");
    CHECK(value::to_json(defs.find("place").find("oneOf")) ==
          R"([{"$ref":"#/$defs/place.file"},{"$ref":"#/$defs/place.server"}])");
    CHECK(value::to_json(defs.find("place.file").find("properties").find("type")) == R"({"const":"file"})");
    CHECK(value::to_json(defs.find("node").find("properties").find("fields").find("additionalProperties")) ==
          R"({"$ref":"#/$defs/node.forms"})");
    CHECK(value::to_json(defs.find("node.forms").find("anyOf").at(1)) == R"({"$ref":"#/$defs/node"})");
}

TEST_CASE("the reference has a section for each object and a row for each field", "[spec]") {
    auto text = spec::markdown(sample_shape());
    CHECK(text.starts_with(
        "<a id=\"sample\"></a>\n\n## sample\n\neverything once\n\n| key | type | default | meaning |\n"));
    CHECK(text.contains("| `name` | name | required | who \\| what; such as `acme` |\n"));
    CHECK(text.contains("| `colour` | one of red, green |  | `red`: as blood |\n"));
    CHECK(text.contains("| `place` | [place](#place) |  |  |\n"));
    CHECK(text.contains("### place.server\n"));
    CHECK(text.contains("| `file` | [place.file](#place.file) | a file |\n"));
    CHECK(text.contains("| `fields` | map of [node](#node) | `{}` | parts of the part |\n"));
    CHECK(text.contains("```yaml\nname: acme\nplace: { type: file, path: data/x }\n```\n"));
    CHECK(text.find("| `limit`") > text.find("| `old`"));
}

TEST_CASE("examples and defaults are checked by the types that they belong to", "[spec]") {
    spec::Problems problems;
    spec::check_examples(sample_shape(), problems);
    CHECK(problems.text() == "");

    struct Wrong {
        int level = 0;
    };
    auto wrong = spec::Object<Wrong>("wrong")
                     .field("level", &Wrong::level, {.fallback = "high", .example = "[1]"})
                     .example("levl: 1")
                     .type();
    spec::check_examples(wrong.shape(), problems);
    CHECK(problems.text() ==
          "default of wrong.level:1:1: expected a whole number from -2147483648 to 2147483647, found 'high'\n"
          "example of wrong:1:1: levl: unknown key; did you mean level?\n"
          "example of wrong.level:1:1: expected a whole number from -2147483648 to 2147483647, found a list\n");
}

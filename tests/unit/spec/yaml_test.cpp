#include "gateway/spec/yaml.hpp"

#include <catch2/catch.hpp>

#include "gateway/spec/reference.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using spec::Yaml;

namespace {

std::string json_of(std::string_view text) {
    spec::Problems problems;
    auto yaml = spec::parse_yaml(text, "f", problems);
    REQUIRE(problems.text() == "");
    return value::to_json(spec::to_document(*yaml).root());
}

std::string problem_of(std::string_view text, spec::YamlLimits limits = {}) {
    spec::Problems problems;
    spec::parse_yaml(text, "f", problems, limits);
    return problems.text();
}

}  // namespace

TEST_CASE("unquoted scalars have a type only where JSON has one", "[spec]") {
    CHECK(json_of("[true, False, TRUE, yes, on, null, ~, NULL, ]") == R"([true,false,true,"yes","on",null,null,null])");
    CHECK(json_of("[1, -7, 0, 9223372036854775807, 12.50, 1e3, -0.0]") ==
          "[1,-7,0,9223372036854775807,12.50,1e3,-0.0]");
    CHECK(json_of("[007, 0x1f, 0o7, +1, .5, 5., 1_000, .inf, .nan, 2026-01-05]") ==
          R"(["007","0x1f","0o7","+1",".5","5.","1_000",".inf",".nan","2026-01-05"])");
    CHECK(json_of("- \"1\"\n- 'true'\n- \"null\"\n- '~'\n- |\n  1\n  2\n") == R"(["1","true","null","~","1\n2\n"])");
    CHECK(json_of("18446744073709551616123") == "18446744073709551616123");
}

TEST_CASE("maps keep their order and block texts their lines", "[spec]") {
    CHECK(json_of("z: 1\na:\n  - x\n  - { b: '' }\ntext: |\n  one\n  two\nfolded: >-\n  one\n  two\n") ==
          R"({"z":1,"a":["x",{"b":""}],"text":"one\ntwo\n","folded":"one two"})");
    CHECK(json_of("") == "null");
}

TEST_CASE("every node knows its path and its 1-based place", "[spec]") {
    spec::Problems problems;
    auto yaml = spec::parse_yaml("a:\n  - b\n  - c: [1, 22]\n", "f", problems);
    const auto& second = yaml->find("a")->children()[1].find("c")->children()[1];
    CHECK(second.path() == "a[1].c[1]");
    CHECK(second.mark() == spec::Mark{3, 12});
    CHECK(yaml->find("a")->children()[1].find("c")->key_place().mark == spec::Mark{3, 5});
    CHECK(second.integer() == 22);
    CHECK(second.file() == "f");
    CHECK(yaml->find("b") == nullptr);
}

TEST_CASE("documents beyond the limits are refused where the limit is met", "[spec]") {
    CHECK(problem_of("[[[[1]]]]", {.depth = 3}) == "f:1:4: [0][0]: nested more than 3 levels deep\n");
    CHECK(problem_of("[1, 2, 3]", {.nodes = 3}) == "f:1:8: more than 3 values in one file\n");
    CHECK(problem_of("abcd", {.bytes = 3}) == "f: the file is larger than 3 bytes\n");
    CHECK(problem_of(std::string(5000, '[')).find("nested more than 64 levels deep") != std::string::npos);
    CHECK(problem_of(std::string(5000, '{')).find("nested more than 64 levels deep") != std::string::npos);
}

TEST_CASE("bytes that YAML does not allow are refused with their place", "[spec]") {
    CHECK(problem_of("a: b\nc: \xff") == "f:2:4: not valid UTF-8 from here on\n");
    CHECK(problem_of("a: \x04") ==
          "f:1:4: a control character; remove it, or write it as an escape in double quotes\n");
    CHECK(problem_of(std::string("a\0b", 3)) ==
          "f:1:2: a control character; remove it, or write it as an escape in double quotes\n");
    CHECK(problem_of("a: *x").find("not readable as YAML") != std::string::npos);
    CHECK(problem_of("a: \"\\q\"").find("f:1:") == 0);
    CHECK(problem_of("a: \"\\_\"") == "f:1:4: the escapes \\_ and \\N are not supported; write \\u00a0 or \\u0085\n");
}

TEST_CASE("a file that is missing or a directory is a problem", "[spec]") {
    spec::Problems problems;
    CHECK_FALSE(spec::read_yaml("/nowhere/x.yaml", problems));
    CHECK_FALSE(spec::read_yaml("/", problems));
    CHECK(problems.text() ==
          "/: the file is missing or cannot be read\n/nowhere/x.yaml: the file is missing or cannot be read\n");
    CHECK(problems.error().fault == Fault::bad_config);
}

TEST_CASE("a template keeps its references and resolves them late", "[spec]") {
    struct Upper final : spec::Resolver {
        Result<std::string> resolve(const spec::Reference& reference) const override {
            if (reference.field == "gone") return fail(Fault::not_found, "no such field");
            return "<" + reference.name + ">";
        }
    };
    auto made = spec::Template::parse("a ${secret:x/y#z@12} b ${env:HOME} $${env:A} ${not a reference} $");
    REQUIRE(made);
    CHECK(made->resolve(Upper()).value() == "a <x/y> b <HOME> ${env:A} ${not a reference} $");
    REQUIRE(made->references().size() == 2);
    CHECK(made->references()[0].text() == "${secret:x/y#z@12}");
    CHECK(made->has_secrets());
    CHECK_FALSE(made->sole());
    CHECK(spec::Template::parse("${env:A}")->sole()->text() == "${env:A}");
    CHECK(spec::Template::parse("${secret:x#gone}")->resolve(Upper()).error().what == "no such field");
    CHECK(spec::Template::literal("${env:A}").resolve(Upper()).value() == "${env:A}");
}

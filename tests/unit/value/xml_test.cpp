#include "gateway/value/xml.hpp"

#include <catch2/catch.hpp>

#include "gateway/value/json.hpp"
#include "tests/unit/value/cases.hpp"

using namespace tributary;
using namespace tributary::value;

namespace {

std::string nested(std::size_t depth) {
    std::string out;
    for (std::size_t i = 0; i < depth; ++i) out += "<a>";
    for (std::size_t i = 0; i < depth; ++i) out += "</a>";
    return out;
}

}  // namespace

TEST_CASE("each XML case is read or refused with its reason", "[xml]") {
    const auto cases = test::read_cases("xml/read.case");
    CHECK(cases.size() > 25);
    for (const auto& one : cases) {
        INFO(one.title);
        const auto parsed = parse_xml(one.bytes("input"));
        if (one.parts.contains("refuse")) {
            REQUIRE(!parsed);
            CHECK(parsed.error().fault == Fault::bad_input);
            CHECK(parsed.error().what == one.part("refuse"));
        } else {
            if (!parsed) FAIL(parsed.error().what);
            CHECK(to_json(parsed->root()) == one.part("expect"));
        }
    }
}

TEST_CASE("XML nesting and size have limits", "[xml]") {
    CHECK(parse_xml(nested(64)));
    CHECK(parse_xml(nested(65)).error().what == "byte 192: nested deeper than the limit");
    CHECK(!parse_xml(nested(200000), {.depth = 1000000}));
    CHECK(parse_xml("<r>12345</r>", {.bytes = 5}).error().what == "the text is larger than 5 bytes");
}

TEST_CASE("XML that is written reads back the same", "[xml]") {
    for (const auto* text : {R"({"r":""})", R"({"r":{"@a":"<\"&'\n\t>","#text":" a & b <c> ]]> \r\n"}})",
                             R"({"o":{"@id":"7","line":["a",{"@n":"2"},""],"x":{"y":"z"}}})"}) {
        const auto document = parse_json(text);
        REQUIRE(document);
        const auto written = write_xml(document->root());
        REQUIRE(written);
        INFO(*written);
        const auto again = parse_xml(*written);
        if (!again) FAIL(again.error().what);
        CHECK(to_json(again->root()) == text);
    }
}

TEST_CASE("numbers, booleans and nulls have an XML form", "[xml]") {
    const auto document = parse_json(R"({"r":{"@n":null,"@b":true,"i":1,"d":2.50,"z":null,"e":[]}})");
    REQUIRE(document);
    CHECK(write_xml(document->root()).value().ends_with(R"(<r b="true"><i>1</i><d>2.50</d><z/></r>)"));
}

TEST_CASE("what XML cannot carry is refused", "[xml]") {
    for (const auto* text : {"1", "{}", R"({"a":1,"b":2})", R"({"1a":1})", R"({"a b":1})", R"({"":1})", R"({"a":[1]})",
                             R"({"a":{"b":[[1]]}})", R"({"a":"\u0001"})", R"({"a":{"@b":{"c":1}}})",
                             R"({"a":{"@<":1}})", R"({"a><b":1})"}) {
        INFO(text);
        const auto document = parse_json(text);
        REQUIRE(document);
        const auto written = write_xml(document->root());
        REQUIRE(!written);
        CHECK(written.error().fault == Fault::bad_input);
    }
}

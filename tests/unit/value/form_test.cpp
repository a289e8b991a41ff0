#include "gateway/value/form.hpp"

#include <catch2/catch.hpp>

#include "gateway/value/json.hpp"
#include "gateway/value/percent.hpp"
#include "tests/unit/value/cases.hpp"

using namespace tributary;
using namespace tributary::value;

TEST_CASE("each form case is read or refused with its reason", "[form]") {
    for (const auto& one : test::read_cases("form/read.case")) {
        INFO(one.title);
        const auto parsed = parse_form(one.bytes("input"));
        if (one.parts.contains("refuse")) {
            REQUIRE(!parsed);
            CHECK(parsed.error().text() == one.part("refuse"));
        } else {
            REQUIRE(parsed);
            CHECK(to_json(parsed->root()) == one.part("expect"));
        }
    }
}

TEST_CASE("a form with more fields than allowed is refused", "[form]") {
    CHECK(parse_form("a=1&b=2", 2));
    CHECK(parse_form("a=1&b=2&c=3", 2).error().what == "more than 2 form fields");
}

TEST_CASE("a form that is written reads back the same", "[form]") {
    const auto document = parse_json(R"({"a b":["1","&=+%"],"n":null,"i":7,"€":"é"})");
    REQUIRE(document);
    const auto written = write_form(document->root());
    CHECK(written == "a%20b=1&a%20b=%26%3D%2B%25&n=&i=7&%E2%82%AC=%C3%A9");
    const auto again = parse_form(written);
    REQUIRE(again);
    CHECK(to_json(again->root()) == R"({"a b":["1","&=+%"],"n":"","i":"7","€":"é"})");
}

TEST_CASE("percent-encoding keeps the unreserved and is undone by decoding", "[form]") {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    const auto encoded = percent_encode(all);
    CHECK(encoded.starts_with("%00%01"));
    CHECK(encoded.find("%2D") == std::string::npos);
    CHECK(encoded.find("%2F") != std::string::npos);
    CHECK(percent_decode(encoded) == all);
    CHECK(percent_decode("a+b%2b") == "a+b+");
    for (const auto* broken : {"%", "%4", "%4g", "x%"}) CHECK(!percent_decode(broken));
}

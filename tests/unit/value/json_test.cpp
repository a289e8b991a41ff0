#include "gateway/value/json.hpp"

#include <catch2/catch.hpp>

#include <fstream>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"

using namespace tributary;
using namespace tributary::value;

namespace {

// Turns <1F> into the byte.
std::string bytes_of(std::string_view text) {
    std::string out;
    text = trim(text);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool byte = text[i] == '<' && i + 3 < text.size() && text[i + 3] == '>';
        const auto value = byte ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
        out += value ? *value : std::string(1, text[i]);
        if (value) i += 3;
    }
    return out;
}

std::string repeat(std::string_view piece, std::size_t times) {
    std::string out;
    while (times-- > 0) out += piece;
    return out;
}

}  // namespace

TEST_CASE("each JSON text of the case file is read exactly or refused with its reason", "[json]") {
    std::ifstream file(TRIBUTARY_SOURCE_DIR "/tests/cases/json/strict.case");
    JsonParser parser;  // one for all: no state leaks from case to case
    int cases = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() == '#') continue;
        const auto colon = line.find(':'), arrow = line.rfind(" => ");
        REQUIRE(arrow != line.npos);
        const auto input = bytes_of(line.substr(colon + 1, arrow - colon - 1));
        const auto expected = bytes_of(line.substr(arrow + 4));
        INFO(line);
        ++cases;
        const auto parsed = parser.parse(input);
        if (line.starts_with("accept")) {
            if (!parsed) FAIL(parsed.error().what);
            CHECK(to_json(parsed->root()) == expected);
        } else {
            REQUIRE(!parsed);
            CHECK(parsed.error().fault == Fault::bad_input);
            CHECK(parsed.error().what == expected);
        }
    }
    CHECK(cases > 90);
}

TEST_CASE("nesting is accepted up to the limit and refused one deeper", "[json]") {
    JsonParser parser({.depth = 10});
    CHECK(parser.parse(repeat("[", 10) + repeat("]", 10)));
    CHECK(parser.parse(repeat("{\"a\":", 10) + "1" + repeat("}", 10)));
    const auto deep = parser.parse(repeat("[", 11) + repeat("]", 11));
    REQUIRE(!deep);
    CHECK(deep.error().what == "byte 10: nested deeper than the limit");
    // A text that only opens must not outrun the room for cells either.
    CHECK(!JsonParser({.depth = 100000}).parse(repeat("[", 100000)));
    CHECK(!JsonParser().parse(repeat("{\"a\":[", 50000)));
}

TEST_CASE("siblings do not count as depth", "[json]") {
    CHECK(JsonParser({.depth = 2}).parse("[[],[],{},[]]"));
}

TEST_CASE("a text beyond the size limit is refused before it is read", "[json]") {
    JsonParser parser({.bytes = 8});
    CHECK(parser.parse("[1,2,3]"));
    const auto large = parser.parse("[1,2,3,4]");
    REQUIRE(!large);
    CHECK(large.error().what == "the text is larger than 8 bytes");
}

TEST_CASE("a duplicate key is found in objects of every size", "[json]") {
    for (const int count : {2, 3, 16, 255, 256, 257, 5000}) {
        INFO(count);
        std::string text = "{";
        for (int i = 0; i < count; ++i) text += "\"key_" + std::to_string(i) + "_of_many\":" + std::to_string(i) + ",";
        auto unique = text;
        unique.back() = '}';
        CHECK(parse_json(unique));
        const auto twice = parse_json(text + "\"key_0_of_many\":0}");
        REQUIRE(!twice);
        CHECK(twice.error().what.ends_with("this key is in its object twice"));
    }
}

TEST_CASE("strings survive at every alignment and length, escapes included", "[json]") {
    JsonParser parser;
    for (std::size_t length = 0; length < 140; ++length) {
        for (const std::string_view piece : {"a", "\\n", "ä"}) {
            const auto text = "[\"" + repeat(piece, length) + "\",\"" + repeat("x", length % 7) + "\\\\\"]";
            const auto parsed = parser.parse(text);
            REQUIRE(parsed);
            CHECK(to_json(parsed->root()) == text);
        }
    }
}

TEST_CASE("a document parsed into is used again and is empty after an error", "[json]") {
    JsonParser parser;
    Document document;
    REQUIRE(parser.parse_into(R"({"a":[1,2,3]})", document));
    REQUIRE(parser.parse_into(R"({"b":"c"})", document));
    CHECK(to_json(document.root()) == R"({"b":"c"})");
    CHECK(!parser.parse_into("{", document));
    CHECK(document.empty());
    CHECK(to_json(document.root()) == "null");
}

TEST_CASE("JSON for people is indented and reads back the same", "[json]") {
    const auto document = parse_json(R"({"a":[1,{"b":[]}],"c":{},"d":"x\ny"})");
    REQUIRE(document);
    const auto pretty = to_pretty_json(document->root());
    CHECK(pretty == "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {},\n  \"d\": \"x\\ny\"\n}");
    const auto again = parse_json(pretty);
    REQUIRE(again);
    CHECK(to_json(again->root()) == to_json(document->root()));
}

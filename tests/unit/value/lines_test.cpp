#include "gateway/value/lines.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

using namespace tributary::value;

namespace {

std::string read_all(LineReader reader, std::string_view input, std::size_t chunk) {
    std::string out;
    const auto note = [&](const Line& line) {
        out += fmt::format("{} {}{} {}\n", line.number, line.end, line.too_long ? "!" : ":", line.text);
    };
    while (!input.empty()) {
        reader.feed(input.substr(0, chunk));
        input.remove_prefix(std::min(chunk, input.size()));
        while (const auto line = reader.next()) note(*line);
    }
    while (const auto line = reader.finish()) note(*line);
    return out;
}

}  // namespace

TEST_CASE("lines come out the same whatever the chunks", "[lines]") {
    for (const std::size_t chunk : {1, 2, 3, 100}) {
        CHECK(read_all(LineReader(), "\xEF\xBB\xBF{}\r\n\nabc\nlast", chunk) ==
              "1 7: {}\n2 8: \n3 12: abc\n4 16: last\n");
        CHECK(read_all(LineReader(), "a\n", chunk) == "1 2: a\n");
        CHECK(read_all(LineReader(), "", chunk).empty());
        CHECK(read_all(LineReader(4), "12345678\nabcd\nabcde\nx", chunk) ==
              "1 9! 1234\n2 14: abcd\n3 20! abcd\n4 21: x\n");
    }
}

TEST_CASE("a line that is too long keeps its beginning and no more", "[lines]") {
    LineReader reader(10);
    for (int i = 0; i < 1000; ++i) {
        reader.feed(std::string(1000, 'x'));
        REQUIRE(!reader.next());
    }
    reader.feed("\nok\n");
    const auto line = reader.next();
    REQUIRE(line);
    CHECK(line->too_long);
    CHECK(line->text.size() <= 1024);
    CHECK(line->end == 1000001);
    CHECK(reader.next()->text == "ok");
}

TEST_CASE("reading lines goes on in the middle", "[lines]") {
    const std::string input = "a\nbb\nccc\n";
    CHECK(read_all(LineReader(100, 2, 1), input.substr(2), 2) == "2 5: bb\n3 9: ccc\n");
}

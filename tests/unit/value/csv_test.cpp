#include "gateway/value/csv.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <sstream>

#include "gateway/value/json.hpp"
#include "tests/unit/value/cases.hpp"

using namespace tributary;
using namespace tributary::value;

namespace {

CsvOptions options_of(const test::Case& one) {
    CsvOptions options;
    std::istringstream lines(one.part("options"));
    for (std::string name, argument; lines >> name;) {
        if (name == "no_header") options.header = false;
        if (name == "delimiter") lines >> options.delimiter;
        if (name == "columns") {
            lines >> argument;
            for (const auto column : split(argument, ',')) options.columns.emplace_back(column);
        }
    }
    return options;
}

std::string line_of(const CsvRow& row) {
    const auto where = fmt::format("{} {} {}", row.line, row.row, row.end);
    if (row.document) return fmt::format("{}: {}\n", where, to_json(row.document->root()));
    return fmt::format("{}! {} | {}\n", where, row.document.error().text(), row.raw);
}

// All rows as the case files write them, or the fatal error. `chunk` is the size of the pieces that are fed.
std::string read_all(CsvReader reader, std::string_view input, std::size_t chunk) {
    std::string out;
    for (bool finished = false; !finished;) {
        finished = input.empty();
        reader.feed(input.substr(0, chunk));
        input.remove_prefix(std::min(chunk, input.size()));
        for (;;) {
            auto row = finished ? reader.finish() : reader.next();
            if (!row) return row.error().text();
            if (!*row) break;
            out += line_of(**row);
        }
    }
    return out;
}

CsvReader reader_for(CsvOptions options) {
    auto reader = CsvReader::make(std::move(options));
    REQUIRE(reader);
    return std::move(*reader);
}

}  // namespace

TEST_CASE("each CSV case reads the same whatever the chunks", "[csv]") {
    const auto cases = test::read_cases("csv/read.case");
    CHECK(cases.size() > 15);
    for (const auto& one : cases) {
        INFO(one.title);
        auto input = one.bytes("input");
        if (input.ends_with("<END>"))
            input.resize(input.size() - 5);
        else
            input += '\n';
        auto expected = one.bytes(one.parts.contains("fatal") ? "fatal" : "expect");
        if (!one.parts.contains("fatal") && !expected.empty()) expected += '\n';
        for (const std::size_t chunk : {1, 2, 3, 7, 1000}) {
            INFO("chunk " << chunk);
            CHECK(read_all(reader_for(options_of(one)), input, chunk) == expected);
        }
    }
}

TEST_CASE("reading goes on after any row as if it had never stopped", "[csv]") {
    const std::string input = "a,b\r\n1,\"x\ny\"\r\nbroken\r\n3,\"open\r\n\r\n4,5\r\n6,7";
    const auto whole = read_all(reader_for({}), input, 1000);
    auto reader = reader_for({});
    reader.feed(input);
    std::string before;
    for (int rows = 0; rows < 4; ++rows) {
        auto row = reader.finish();
        REQUIRE(row);
        REQUIRE(*row);
        before += line_of(**row);
        auto again = reader_for({.columns = reader.columns()});
        again.resume((*row)->end, (*row)->row, (*row)->end_line);
        CHECK(before + read_all(std::move(again), input.substr((*row)->end), 5) == whole);
    }
}

TEST_CASE("a row longer than allowed is one broken row and holds no memory", "[csv]") {
    auto reader = reader_for({.max_row = 1000});
    std::string out;
    const auto drain = [&] {
        for (auto row = reader.next(); *row; row = reader.next()) {
            REQUIRE(row);
            CHECK((*row)->raw.size() <= 2000);
            out += fmt::format("{} {} {}\n", (*row)->line, (*row)->end,
                               (*row)->document ? "ok" : (*row)->document.error().what);
        }
    };
    reader.feed("a,b\n1,2\n");
    drain();
    for (int i = 0; i < 100; ++i) {
        reader.feed(std::string(1000, 'x'));
        drain();
    }
    reader.feed("\n3,4\n");
    drain();
    CHECK(out == "2 8 ok\n3 2008 the row is longer than allowed\n4 100013 ok\n");
}

TEST_CASE("CSV options that cannot be read by are refused", "[csv]") {
    CHECK(CsvReader::make({.header = false}).error().fault == Fault::bad_config);
    CHECK(!CsvReader::make({.delimiter = '"'}));
    CHECK(!CsvReader::make({.delimiter = '\n'}));
    CHECK(CsvReader::make({.columns = {"a", "b", "a"}}).error().what == "column 'a' is named twice");
}

TEST_CASE("what is written is read back the same", "[csv]") {
    const auto document = parse_json(
        R"([{"a":"plain","b":1,"c":null},{"a":"x,y","b":-2.50,"c":"say \"hi\""},{"a":"l1\nl2","b":true,"c":{"k":[1]}}])");
    REQUIRE(document);
    const CsvWriter writer({"a", "b", "c"});
    std::string out;
    writer.header(out);
    for (auto row : document->root()) writer.row(row, out);
    CHECK(out == "a,b,c\r\nplain,1,\r\n\"x,y\",-2.50,\"say \"\"hi\"\"\"\r\n\"l1\nl2\",true,\"{\"\"k\"\":[1]}\"\r\n");
    CHECK(read_all(reader_for({}), out, 1000).find("\"c\":\"{\\\"k\\\":[1]}\"") != std::string::npos);
}

TEST_CASE("formulas are disarmed in text and numbers are left alone", "[csv]") {
    const auto document = parse_json(R"({"a":"=1+1","b":-5,"c":"@x,y","d":"-5","e":"a=b"})");
    REQUIRE(document);
    std::string out;
    CsvWriter({"a", "b", "c", "d", "e"}, {.escape_formulas = true}).row(document->root(), out);
    CHECK(out == "'=1+1,-5,\"'@x,y\",'-5,a=b\r\n");
    out.clear();
    CsvWriter({"none"}).row(document->root(), out);
    CHECK(out == "\"\"\r\n");
}

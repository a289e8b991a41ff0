#include "connectors/data/file/file.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "connectors/data/file/file_settings.hpp"
#include "tests/unit/connectors/fixture.hpp"

using namespace tributary;
using connectors::make_file;
using test::pull_all;

namespace {

std::unique_ptr<connector::Connector> make(test::World& world, std::string_view settings) {
    auto made = make_file(world.setup(settings));
    if (!made) FAIL(made.error().text());
    return std::move(*made);
}

std::unique_ptr<connector::Connector> make_stream(test::World& world, std::string_view stream) {
    return make(world, fmt::format(R"({{"streams":{{"s":{{{}}}}}}})", stream));
}

std::string problem_of(test::World& world, connector::Connector& connector) {
    const auto checked = run::run_blocking(world.loop, connector.check());
    return checked ? "" : checked.error().text();
}

// Long after every file of the test was written.
void let_files_rest(test::World& world) {
    world.clock.set(Timestamp(std::chrono::hours(24 * 365 * 100)));
}

void set_modified(const test::World& world, const std::string& name, Timestamp at) {
    std::filesystem::last_write_time(world.directory.path() / name,
                                     std::filesystem::file_time_type::clock::from_sys(at));
}

std::string ids(const std::string& records) {
    std::string out;
    std::istringstream lines(records);
    for (std::string line; std::getline(lines, line);)
        out += line.substr(0, line.find(line.starts_with("!") ? ':' : ' ')) + ' ';
    return out;
}

}  // namespace

TEST_CASE("each format becomes records, whatever the page size", "[file]") {
    struct Example {
        const char *stream, *text, *expected;
    };
    const std::vector<Example> examples = {
        {R"("format":"csv","key":"id")", "id,name\n1,\"a\nb\"\nbroken\n2,\xFF\n3,c\n",
         "1 {\"id\":\"1\",\"name\":\"a\\nb\"}\n! f line 4: 2 fields were expected, 1 found\n! f line 5: invalid "
         "UTF-8\n3 "
         "{\"id\":\"3\",\"name\":\"c\"}\n"},
        {R"("format":"csv","key":"{id}-{name}","delimiter":";","header":false,"columns":["id","name"])", "1;x\n2;\n;\n",
         "1-x {\"id\":\"1\",\"name\":\"x\"}\n2- {\"id\":\"2\",\"name\":\"\"}\n- {\"id\":\"\",\"name\":\"\"}\n"},
        {R"("format":"ndjson","key":"a.id")",
         "{\"a\":{\"id\": 1}}\n\n[1]\n{\"a\":{\"id\":\"x\"}}\r\n{\"a\":{}}\n{oops}\n",
         "1 {\"a\":{\"id\": 1}}\n! f line 3: an object was expected\nx {\"a\":{\"id\":\"x\"}}\n! f line 5: the record "
         "has no field "
         "a.id\n! f line 6: byte 1: a key in double quotes was expected\n"},
        {R"("format":"json","key":"id")",
         " [ {\"id\":1,\"t\":\"],\\\"{\"} , {\"id\":2,\"n\":[1,{}]},3,{\"id\":4,} ,{\"id\":5}]\n",
         "1 {\"id\":1,\"t\":\"],\\\"{\"}\n2 {\"id\":2,\"n\":[1,{}]}\n! f record 3: an object was expected\n! f record "
         "4: byte 8: a "
         "key in double quotes was expected\n5 {\"id\":5}\n"},
        {R"("format":"xml","element":"c","key":"@id")",
         "<?xml version=\"1.0\"?><!-- <c> --><all><c id=\"1\"><n>a</n><c x=\"y\"/></c>\n<d/><c id=\"2\"/><c>t</c><c "
         "id=\"3\">&no;"
         "</c></all>",
         "1 {\"@id\":\"1\",\"n\":\"a\",\"c\":{\"@x\":\"y\"}}\n2 {\"@id\":\"2\"}\n! f record 3: the element has neither "
         "children nor "
         "attributes\n! f record 4: byte 10: '&' must begin one of XML's five entities or a character reference\n"},
    };
    for (const auto& example : examples) {
        for (const int page : {1, 2, 100}) {
            test::World world;
            let_files_rest(world);
            world.directory.write("f", example.text);
            auto connector = make_stream(world, fmt::format(R"("path":"f","page":{},{})", page, example.stream));
            INFO(example.stream << " page " << page);
            connector::Cursor cursor;
            std::string found;
            // Broken rows are told beside the records of their page: only pages of one keep the file's order.
            if (page == 1)
                CHECK(pull_all(world, *connector, "s", cursor) == example.expected);
            else
                CHECK(ids(pull_all(world, *connector, "s", cursor)).size() == ids(example.expected).size());
            CHECK(pull_all(world, *connector, "s", cursor).empty());
        }
    }
}

TEST_CASE("a file that grows goes on where it ended", "[file]") {
    test::World world;
    let_files_rest(world);
    world.directory.write("log.csv", "id,v\n1,a\n2,b\n");
    auto connector = make_stream(world, R"("path":"log.csv","format":"csv","key":"id","page":1)");
    connector::Cursor cursor;
    CHECK(ids(pull_all(world, *connector, "s", cursor)) == "1 2 ");
    world.directory.append("log.csv", "3,c\nbad\n4,d\n");
    const auto more = pull_all(world, *connector, "s", cursor);
    CHECK(ids(more) == "3 ! log.csv line 5 4 ");
    CHECK(pull_all(world, *connector, "s", cursor).empty());
}

TEST_CASE("a file written anew is read again", "[file]") {
    test::World world;
    let_files_rest(world);
    world.directory.write("f.ndjson", "{\"id\":1}\n{\"id\":2}\n");
    auto connector = make_stream(world, R"("path":"f.ndjson","format":"ndjson","key":"id")");
    connector::Cursor cursor;
    CHECK(ids(pull_all(world, *connector, "s", cursor)) == "1 2 ");
    world.directory.write("f.ndjson", "{\"id\":7}\n{\"id\":8}\n{\"id\":9}\n");
    CHECK(ids(pull_all(world, *connector, "s", cursor)) == "7 8 9 ");
    world.directory.write("f.ndjson", "{\"id\":1}\n");
    CHECK(ids(pull_all(world, *connector, "s", cursor)) == "1 ");
    // The same size, another time: a value may have changed in place.
    set_modified(world, "f.ndjson", Timestamp(std::chrono::hours(24 * 365 * 40)));
    CHECK(ids(pull_all(world, *connector, "s", cursor)) == "1 ");
    CHECK(pull_all(world, *connector, "s", cursor).empty());
}

TEST_CASE("a stream can ask for a changed file to be read whole", "[file]") {
    test::World world;
    let_files_rest(world);
    world.directory.write("f.ndjson", "{\"id\":1}\n");
    auto connector = make_stream(world, R"("path":"f.ndjson","format":"ndjson","key":"id","when_changed":"reread")");
    connector::Cursor cursor;
    CHECK(ids(pull_all(world, *connector, "s", cursor)) == "1 ");
    world.directory.append("f.ndjson", "{\"id\":2}\n");
    CHECK(ids(pull_all(world, *connector, "s", cursor)) == "1 2 ");
}

TEST_CASE("a last record without its end waits until the file has rested", "[file]") {
    test::World world;
    world.directory.write("f.csv", "id,v\n1,a\n2,b");
    auto connector = make_stream(world, R"("path":"f.csv","format":"csv","key":"id","settle":"5s")");
    set_modified(world, "f.csv", world.clock.now() - std::chrono::seconds(1));
    connector::Cursor cursor;
    CHECK(pull_all(world, *connector, "s", cursor) == "1 {\"id\":\"1\",\"v\":\"a\"}\n");
    world.directory.append("f.csv", "c\n3,d");
    set_modified(world, "f.csv", world.clock.now());
    CHECK(pull_all(world, *connector, "s", cursor) == "2 {\"id\":\"2\",\"v\":\"bc\"}\n");
    world.clock.advance(std::chrono::seconds(6));
    CHECK(pull_all(world, *connector, "s", cursor) == "3 {\"id\":\"3\",\"v\":\"d\"}\n");
    CHECK(pull_all(world, *connector, "s", cursor).empty());
    world.directory.append("f.csv", "e\n");
    set_modified(world, "f.csv", world.clock.now() + std::chrono::seconds(1));
    CHECK(pull_all(world, *connector, "s", cursor) == "3 {\"id\":\"3\",\"v\":\"de\"}\n");
}

TEST_CASE("a pattern reads files by name, new ones wherever they sort, and empty ones not", "[file]") {
    test::World world;
    let_files_rest(world);
    world.directory.write("in/o-2.ndjson", "{\"id\":2}\n");
    world.directory.write("in/o-1.ndjson", "{\"id\":1}\n{\"id\":11}\n");
    world.directory.write("in/other.txt", "x");
    world.directory.write("in/o-3.ndjson", "");
    auto connector = make_stream(world, R"("path":"in/o-*.ndjson","format":"ndjson","key":"id","page":2)");
    connector::Cursor cursor;
    CHECK(ids(pull_all(world, *connector, "s", cursor)) == "1 11 2 ");
    world.directory.write("in/o-0.ndjson", "{\"id\":0}\n");
    world.directory.append("in/o-1.ndjson", "{\"id\":12}\n");
    CHECK(ids(pull_all(world, *connector, "s", cursor)) == "0 12 ");
    std::filesystem::remove(world.directory.path() / "in/o-1.ndjson");
    CHECK(pull_all(world, *connector, "s", cursor).empty());
    CHECK(cursor.json.find("o-1") == std::string::npos);
}

TEST_CASE("reading the same cursor twice gives the same page", "[file]") {
    test::World world;
    let_files_rest(world);
    std::string text = "id\n";
    for (int i = 0; i < 100; ++i) text += std::to_string(i) + "\n";
    world.directory.write("f.csv", text);
    auto connector = make_stream(world, R"("path":"f.csv","format":"csv","key":"id","page":7)");
    connector::Cursor cursor;
    for (int i = 0; i < 14; ++i) {
        const auto page = test::pull(world, *connector, "s", cursor);
        const auto again = test::pull(world, *connector, "s", cursor);
        CHECK(test::text_of(page) == test::text_of(again));
        CHECK(page.cursor.json == again.cursor.json);
        CHECK(page.records.front().external_id == std::to_string(7 * i));
        cursor = page.cursor;
    }
}

TEST_CASE("a file that cannot be read at all is told once and does not stop the others", "[file]") {
    test::World world;
    let_files_rest(world);
    world.directory.write("a.json", "{\"id\":1}");
    world.directory.write("b.json", "[{\"id\":2}");
    world.directory.write("c.json", "[{\"id\":3}] x");
    world.directory.write("d.json", "[]");
    auto connector = make_stream(world, R"("path":"*.json","format":"json","key":"id")");
    connector::Cursor cursor;
    CHECK(pull_all(world, *connector, "s", cursor) ==
          "2 {\"id\":2}\n3 {\"id\":3}\n! a.json cannot be read on: byte 0: one JSON array was expected; ndjson has an "
          "object a "
          "line\n! b.json cannot be read on: byte 9: the array is not closed\n! c.json cannot be read on: byte 11: "
          "characters "
          "follow the array\n");
    CHECK(pull_all(world, *connector, "s", cursor).empty());
}

TEST_CASE("XML that could mislead is refused whole", "[file]") {
    for (const auto* text :
         {"<!DOCTYPE a><a><c id=\"1\"/></a>", "<?xml version=\"1.0\" encoding=\"latin1\"?><a><c id=\"1\"/></a>",
          "\xFF\xFE<\0a\0", "<a><b/></a>", "<a><c id=\"1\">"}) {
        test::World world;
        let_files_rest(world);
        world.directory.write("f.xml", text);
        auto connector = make_stream(world, R"("path":"f.xml","format":"xml","element":"c","key":"@id")");
        connector::Cursor cursor;
        INFO(text);
        CHECK(pull_all(world, *connector, "s", cursor).starts_with("! f.xml cannot be read on: byte "));
    }
}

TEST_CASE("records longer than allowed are broken and reading goes on behind them", "[file]") {
    const std::string big(5000, 'x');
    for (const auto& [stream, text] : std::vector<std::pair<std::string, std::string>>{
             {R"("format":"csv","key":"id")", "id,v\n1,a\n2," + big + "\n3,c\n"},
             {R"("format":"ndjson","key":"id")", "{\"id\":1}\n{\"id\":2,\"v\":\"" + big + "\"}\n{\"id\":3}\n"},
             {R"("format":"json","key":"id")", "[{\"id\":1},{\"id\":2,\"v\":\"" + big + "\"},{\"id\":3}]"},
             {R"("format":"xml","element":"c","key":"id")",
              "<a><c><id>1</id></c><c><id>2</id>" + big + "</c><c><id>3</id></c></a>"}}) {
        test::World world;
        let_files_rest(world);
        world.directory.write("f", text);
        auto connector = make_stream(world, fmt::format(R"("path":"f","max_record":"1KB",{})", stream));
        INFO(stream);
        const auto page = test::pull(world, *connector, "s", {});
        REQUIRE(page.records.size() == 2);
        CHECK(page.records[1].external_id == "3");
        REQUIRE(page.broken.size() == 1);
        CHECK(page.broken[0].raw.size() <= 5100);
    }
}

TEST_CASE("check names a missing file and a key that no column has", "[file]") {
    test::World world;
    world.directory.write("f.csv", "id,name\n");
    CHECK(problem_of(world, *make_stream(world, R"("path":"f.csv","key":"id")")).empty());
    CHECK(problem_of(world, *make_stream(world, R"("path":"f.csv","key":"{id}-{nme}")")) ==
          "stream s: f.csv has no column nme, which the key needs; there is name");
    CHECK(problem_of(world, *make_stream(world, R"("path":"g.csv","key":"id")"))
              .ends_with("g.csv: No such file or directory"));
    CHECK(problem_of(world, *make_stream(world, R"("path":"*.none","key":"id")")).empty());
    CHECK(problem_of(world, *make(world, R"({"actions":{"a":{"path":"no/where.ndjson"}}})")).find("is not there") !=
          std::string::npos);
}

TEST_CASE("all problems of file settings are told at once", "[file]") {
    test::World world;
    const auto made = make_file(world.setup(R"({"streams":{"s":{"path":"*/x","format":"xls","key":"{{}}"},
        "t":{"path":"x","key":"id","header":false}},"actions":{"a":{"path":"y","format":"csv"},"b":{"path":"y"}}})"));
    REQUIRE(!made);
    CHECK(made.error().what == R"(settings.streams.s: path may be wild in the file's name alone
settings.streams.s: format must be one of csv, ndjson, json, xml, xlsx
settings.streams.s: key must name a field, or several in braces: "{a}-{b}"
settings.streams.t: columns are needed for CSV without a header
settings.actions.a: columns is missing: CSV needs them, in their order
settings.actions.b: action a writes the same file)");
}

TEST_CASE("file names match by star and question mark", "[file]") {
    using connectors::file::matches;
    CHECK(matches("*", ""));
    CHECK(matches("a*b*c", "a-b-b-c"));
    CHECK(matches("o-?.csv", "o-1.csv"));
    CHECK(matches("*.csv", ".csv"));
    CHECK(!matches("o-?.csv", "o-.csv"));
    CHECK(!matches("*.csv", "a.csv.gz"));
    CHECK(!matches("", "a"));
    CHECK(!matches("a*b", "ac"));
}

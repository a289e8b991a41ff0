#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "connectors/data/file/file.hpp"
#include "tests/unit/connectors/fixture.hpp"
#include "tests/unit/connectors/zip_file.hpp"

using namespace tributary;
using connectors::make_file;
using test::pull_all;

namespace {

std::string read(test::World& world, std::string_view stream, connector::Cursor& cursor) {
    auto made = make_file(world.setup(fmt::format(R"({{"streams":{{"s":{{{}}}}}}})", stream)));
    if (!made) FAIL(made.error().text());
    return pull_all(world, **made, "s", cursor);
}
std::string read(test::World& world, std::string_view stream) {
    connector::Cursor cursor;
    return read(world, stream, cursor);
}

}  // namespace

TEST_CASE("a gzipped file reads as what is in it, in pages of any size", "[file][gzip]") {
    test::World world;
    std::string text = "id;name\n", whole;
    for (int i = 0; i < 300; ++i) {
        text += fmt::format("{};n{}\n", i, i);
        whole += fmt::format("{0} {{\"id\":\"{0}\",\"name\":\"n{0}\"}}\n", i);
    }
    // Members one after the other are one file (RFC 1952 2.2).
    world.directory.write("a.csv.gz", test::gzip(text.substr(0, 1000)) + test::gzip(text.substr(1000)));
    for (const int page : {1, 7, 1000}) {
        CHECK(read(world, fmt::format(R"("path":"*.gz","delimiter":";","key":"id","settle":"0s","page":{})", page)) ==
              whole);
    }
}

TEST_CASE("a gzipped file that is cut or broken is told, left, and read when it is whole", "[file][gzip]") {
    test::World world;
    const auto whole = test::gzip("id\n1\n2\n");
    const auto* const stream = R"("path":"a.gz","key":"id","settle":"0s")";
    connector::Cursor cursor;
    world.directory.write("a.gz", whole.substr(0, whole.size() - 9));
    CHECK_THAT(read(world, stream, cursor), Catch::Contains("ends in the middle"));
    CHECK(read(world, stream, cursor).empty());
    world.directory.write("a.gz", whole);
    CHECK(read(world, stream, cursor) == "1 {\"id\":\"1\"}\n2 {\"id\":\"2\"}\n");
    CHECK(read(world, stream, cursor).empty());
    auto broken = whole;
    broken[14] = static_cast<char>(broken[14] ^ 0x7F);
    world.directory.write("a.gz", broken + " ");
    CHECK_THAT(read(world, stream), Catch::Contains("cannot be read on"));
    world.directory.write("a.gz", test::gzip("id\n" + std::string(100'000, '1')));
    CHECK_THAT(read(world, R"("path":"a.gz","key":"id","settle":"0s","max_unpacked":"10KB")"),
               Catch::Contains("max_unpacked"));
}

TEST_CASE("a packed file counts once it has rested", "[file][gzip]") {
    test::World world;
    world.clock.set(std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()));
    world.directory.write("a.gz", test::gzip("id\n1\n"));
    connector::Cursor cursor;
    CHECK(read(world, R"("path":"a.gz","key":"id","settle":"1m")", cursor).empty());
    world.clock.advance(std::chrono::minutes(2));
    CHECK(read(world, R"("path":"a.gz","key":"id","settle":"1m")", cursor) == "1 {\"id\":\"1\"}\n");
}

TEST_CASE("texts in other encodings arrive as UTF-8", "[file][encoding]") {
    test::World world;
    world.directory.write("a.csv", "id;v\n1;K\xE4se \x80\n");
    CHECK(read(world, R"("path":"a.csv","delimiter":";","key":"id","settle":"0s","encoding":"windows-1252")") ==
          "1 {\"id\":\"1\",\"v\":\"Käse €\"}\n");
    world.directory.write("b.csv", std::string("\xFF\xFEi\0d\0\n\0\x31\0\n\0", 12));
    CHECK(read(world, R"("path":"b.csv","key":"id","settle":"0s","encoding":"utf-16")") == "1 {\"id\":\"1\"}\n");
    world.directory.write("c.csv", "id,v\n1,\xD6\xD0\n");
    CHECK(read(world, R"("path":"c.csv","key":"id","settle":"0s","encoding":"gb18030")") ==
          "1 {\"id\":\"1\",\"v\":\"中\"}\n");
    world.directory.write("d.csv", "id,v\n1,\x81\n");
    CHECK_THAT(read(world, R"("path":"d.csv","key":"id","settle":"0s","encoding":"gb18030")"),
               Catch::Contains("not in the encoding"));
    const auto wrong = make_file(world.setup(R"({"streams":{"s":{"path":"a","key":"id","encoding":"klingon"}}})"));
    REQUIRE_FALSE(wrong);
    CHECK_THAT(wrong.error().text(), Catch::Contains("encoding is not known"));
}

TEST_CASE("files that are still being written are left alone", "[file]") {
    test::World world;
    world.directory.write("in/a.csv", "id\n1\n");
    world.directory.write("in/b.csv.part", "id\n2\n");
    world.directory.write("in/.c.csv", "id\n3\n");
    CHECK(read(world, R"("path":"in/*","key":"id","settle":"0s")") == "1 {\"id\":\"1\"}\n");
    CHECK(read(world, R"("path":"in/*.csv","key":"id","settle":"0s","marker":".ok")").empty());
    world.directory.write("in/a.csv.ok", "");
    CHECK(read(world, R"("path":"in/*","key":"id","settle":"0s","marker":".ok")") == "1 {\"id\":\"1\"}\n");
}

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "connectors/data/file/file.hpp"
#include "connectors/data/file/xlsx_cell.hpp"
#include "gateway/base/base64.hpp"
#include "tests/unit/connectors/fixture.hpp"
#include "tests/unit/connectors/zip_file.hpp"

using namespace tributary;
using connectors::make_file;
using namespace connectors::file;
using test::pull_all;

namespace {

// A workbook with one sheet of these rows; `styles` and `texts` are the inner XML of their parts.
std::string workbook(const std::string& rows, const std::string& texts = "", const std::string& formats = "",
                     const std::string& properties = "") {
    const std::string types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
    test::ZipFile zip;
    zip.add("_rels/.rels", fmt::format(R"(<Relationships><Relationship Id="rId1" Type="{}officeDocument" )"
                                       R"(Target="xl/workbook.xml"/></Relationships>)",
                                       types));
    zip.add("xl/workbook.xml",
            fmt::format(R"(<workbook xmlns:r="x">{}<sheets><sheet name="Notes" sheetId="1" r:id="rId9"/>)"
                        R"(<sheet name="Data" sheetId="2" r:id="rId2"/></sheets></workbook>)",
                        properties));
    zip.add("xl/_rels/workbook.xml.rels",
            fmt::format(R"(<Relationships><Relationship Id="rId2" Type="{0}worksheet" Target="worksheets/sheet2.xml"/>)"
                        R"(<Relationship Id="rId9" Type="{0}worksheet" Target="/xl/worksheets/sheet1.xml"/>)"
                        R"(<Relationship Id="rId3" Type="{0}sharedStrings" Target="sharedStrings.xml"/>)"
                        R"(<Relationship Id="rId4" Type="{0}styles" Target="styles.xml"/></Relationships>)",
                        types));
    zip.add("xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>");
    zip.add("xl/worksheets/sheet2.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>");
    zip.add("xl/sharedStrings.xml", "<sst>" + texts + "</sst>");
    zip.add("xl/styles.xml", "<styleSheet>" + formats + "</styleSheet>");
    return zip.bytes();
}

const std::string kHeader =
    R"(<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>v</t></is></c></row>)";

std::string read(test::World& world, std::string_view more = "") {
    auto made = make_file(world.setup(fmt::format(
        R"({{"streams":{{"s":{{"path":"a.xlsx","format":"xlsx","sheet":"Data","key":"id","settle":"0s"{}}}}}}})",
        more)));
    if (!made) FAIL(made.error().text());
    connector::Cursor cursor;
    return pull_all(world, **made, "s", cursor);
}

}  // namespace

TEST_CASE("which number formats are dates", "[xlsx]") {
    for (const auto* code : {"yyyy-mm-dd", "d/m/yy h:mm", "[$-409]d-mmm-yy", "[h]:mm:ss", "mm:ss.0", "\"day\" d"})
        CHECK(is_date_code(code));
    for (const auto* code :
         {"General", "0.00", "#,##0 \"days\"", "[Red]0", "0\\d", "_d0", "@", "[>100]0", "0;d", "\"", "["})
        CHECK_FALSE(is_date_code(code));
    CHECK(is_date_format(14));
    CHECK_FALSE(is_date_format(2));
}

TEST_CASE("numbers of days become dates in both of Excel's calendars", "[xlsx]") {
    CHECK(date_of("45322", false) == "2024-01-31");
    CHECK(date_of("45322.520833333336", false) == "2024-01-31T12:30:00");
    CHECK(date_of("45322.000002893519", false) == "2024-01-31T00:00:00.250");
    CHECK(date_of("0.5", false) == "12:00:00");
    CHECK(date_of("1", false) == "1900-01-01");
    CHECK(date_of("59", false) == "1900-02-28");
    CHECK(date_of("60", false) == "1900-02-29");
    CHECK(date_of("61", false) == "1900-03-01");
    CHECK(date_of("43860", true) == "2024-01-31");
    CHECK_FALSE(date_of("-1", false));
    CHECK_FALSE(date_of("2958466", false));
    CHECK_FALSE(date_of("x", false));
    CHECK_FALSE(date_of("nan", false));
}

TEST_CASE("columns have letters", "[xlsx]") {
    CHECK(column_of("A1") == 0U);
    CHECK(column_of("AB12") == 27U);
    CHECK(column_of("XFD1") == 16383U);
    for (const auto* wrong : {"XFE1", "A", "1", "", "a1", "AAAA1", "A1B"}) CHECK_FALSE(column_of(wrong));
    CHECK(column_name(27) == "AB");
    CHECK(column_name(16383) == "XFD");
}

TEST_CASE("a sheet's cells arrive exactly, row by row", "[xlsx]") {
    test::World world;
    world.directory.write(
        "a.xlsx",
        workbook(
            kHeader +
                R"(<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>0</v></c></row>)"
                R"(<row r="4"><c r="A4"><v>2</v></c><c r="B4" t="s"><v>1</v></c></row>)"
                R"(<row r="5"><c r="A5"><v>3</v></c><c r="B5"><v>12345678901234567.89</v></c></row>)"
                R"(<row r="6"><c r="A6"><v>4</v></c><c r="B6" s="1"><v>45322.5</v></c></row>)"
                R"(<row r="7"><c r="A7"><v>5</v></c><c r="B7" s="2"><v>45322</v></c><c r="C7" t="b"><v>1</v></c></row>)"
                R"(<row r="8"><c r="A8"><v>6</v></c><c r="B8" t="e"><v>#N/A</v></c></row>)"
                R"(<row r="9"><c r="A9"><v>7</v></c></row><row r="10"/>)",
            R"(<si><t xml:space="preserve"> Käse </t></si><si><r><t>a</t></r><r><rPr/><t>b</t></r><rPh><t>x</t></rPh></si>)",
            R"(<numFmts><numFmt numFmtId="170" formatCode="d.m.yy"/></numFmts>)"
            R"(<cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="170"/></cellXfs>)"));
    const std::string whole =
        "1 {\"id\":1,\"v\":\" Käse \"}\n2 {\"id\":2,\"v\":\"ab\"}\n3 {\"id\":3,\"v\":12345678901234567.89}\n"
        "4 {\"id\":4,\"v\":\"2024-01-31T12:00:00\"}\n5 {\"id\":5,\"v\":\"2024-01-31\",\"C\":true}\n"
        "6 {\"id\":6,\"v\":\"#N/A\"}\n7 {\"id\":7,\"v\":null}\n";
    for (const int page : {1, 2, 100}) CHECK(read(world, fmt::format(",\"page\":{}", page)) == whole);
}

TEST_CASE("a page goes on where the last one ended, also in a new process", "[xlsx]") {
    test::World world;
    std::string rows = kHeader, whole;
    for (int i = 2; i < 60; ++i) {
        rows += fmt::format(R"(<row r="{0}"><c r="A{0}"><v>{0}</v></c></row>)", i);
        whole += fmt::format("{0} {{\"id\":{0},\"v\":null}}\n", i);
    }
    world.directory.write("a.xlsx", workbook(rows));
    connector::Cursor cursor;
    std::string read;
    for (bool last = false; !last;) {
        auto made = make_file(world.setup(
            R"({"streams":{"s":{"path":"*.xlsx","format":"xlsx","sheet":"Data","key":"id","settle":"0s","page":7}}})"));
        REQUIRE(made);
        const auto page = test::pull(world, **made, "s", cursor);
        read += test::text_of(page);
        cursor = page.cursor;
        last = page.last;
    }
    CHECK(read == whole);
}

TEST_CASE("a workbook that cannot be read says why and is left", "[xlsx]") {
    test::World world;
    const auto problem = [&](const std::string& bytes) {
        world.directory.write("a.xlsx", bytes);
        return read(world);
    };
    const auto good = workbook(kHeader);
    CHECK_THAT(problem("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on, longer than a zip's end"),
               Catch::Contains("old .xls workbook, or one with a password"));
    CHECK_THAT(problem(good.substr(0, good.size() - 30)), Catch::Contains("still being written"));
    CHECK_THAT(problem("id;v\n1;2\n and more text than that"), Catch::Contains("no zip directory"));
    auto broken = good;
    const auto at = broken.find("xl/worksheets/sheet2.xml") + 40;
    broken[at] = static_cast<char>(broken[at] ^ 0x55);
    CHECK_THAT(problem(broken), Catch::Contains("! a.xlsx cannot be read on"));
    CHECK_THAT(problem(workbook(R"(<row r="1"><c r="A1" t="s"><v>5</v></c></row>)")),
               Catch::Contains("a text that the workbook does not have"));
    CHECK_THAT(problem(workbook(R"(<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>1</v></c></row>)")),
               Catch::Contains("two columns are named 1"));
    CHECK_THAT(problem(workbook("")), Catch::Contains("no row 1"));
    CHECK_THAT(problem(workbook("<!DOCTYPE a>")), Catch::Contains("document type"));
    world.directory.write("a.xlsx", good);
    CHECK(read(world).empty());
}

TEST_CASE("a bomb is defused", "[xlsx]") {
    test::World world;
    std::string rows = kHeader;
    for (int i = 2; i < 20000; ++i) rows += fmt::format(R"(<row r="{0}"><c r="A{0}"><v>{0}</v></c></row>)", i);
    world.directory.write("a.xlsx", workbook(rows));
    CHECK_THAT(read(world, R"(,"max_unpacked":"300KB")"), Catch::Contains("unpacks to more than max_unpacked"));
    world.directory.write("a.xlsx", workbook(kHeader + "<row r=\"2\">" + std::string(3000, ' ') + "</row>"));
    CHECK_THAT(read(world, R"(,"max_record":"1KB")"), Catch::Contains("too long"));
}

#include "gateway/connector/declarative/template.hpp"

#include <catch2/catch.hpp>

#include "gateway/connector/declarative/link_header.hpp"
#include "gateway/connector/declarative/time_form.hpp"
#include "gateway/connector/declarative/url.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

struct Case {
    std::string_view text, expected;
};

const value::Document& record() {
    static const auto document =
        value::parse_json(
            R"({"a":"x y/ü","q":"o'b\\c","n":7,"f":1.50,"t":true,"z":null,"o":{"k":1},"list":[{"id":1,"c":"DE"},{"id":2,"c":"FR"}],
        "other":[{"id":2,"code":"FR"}],"a-b":"dash"})")
            .value();
    return document;
}

Scope scope() {
    Scope out;
    out.bind("record", record().root()).bind("key", std::string("k")).bind_now(Timestamp{Milliseconds{1767607200123}});
    out.bind("header", [](std::string_view name) -> Result<std::optional<std::string>> {
        if (name == "X-A.b") return "found";
        if (name == "broken") return fail(Fault::unauthorized, "sealed");
        return std::nullopt;
    });
    return out;
}

Result<std::optional<std::string>> render(std::string_view text, Place place = Place::text) {
    auto compiled = Template::compile(text);
    if (!compiled) return std::unexpected(compiled.error());
    return compiled->render(scope(), place);
}

std::string built(std::string_view text) {
    value::Builder out;
    REQUIRE(Template::compile(text).value().build(scope(), out).value());
    return value::to_json(out.take().root());
}

}  // namespace

TEST_CASE("a template puts values into text", "[template]") {
    const Case cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"{{\"a\": {record.n}}}", "{\"a\": 7}"},
        {"{record.a}-{record.f}-{record.t}", "x y/ü-1.50-true"},
        {"{record.z}", ""},
        {"{now|time(%Y-%m-%d %H:%M:%S, Asia/Shanghai)}", "2026-01-05 18:00:00"},
        {"{now|plus(2d)}", "2026-01-07T10:00:00.123Z"},
        {"{now|time(%H:%M, -05:00)} {now|time(unix)}", "05:00 1767607200"},
        {"<v>{record.q|xml}&amp;</v>", "<v>o&apos;b\\c&amp;</v>"},
        {"{header.X-A.b}", "found"},
        {"{record.a-b}", "dash"},
        {"{now} {now.unix} {now.unix_ms} {now.date}", "2026-01-05T10:00:00.123Z 1767607200 1767607200123 2026-01-05"},
        {"{record.list|pluck(id)}", "1,2"},
        {"{record.list[1].c|lower}", "fr"},
        {"{record.a|base64}", "eCB5L8O8"},
        {"{record.o|json}", "{\"k\":1}"},
        {"{record.nothing|default(-)}{record.z|default(none)}{record.n|default(x)}", "-none7"},
        {"{record.nothing|or(record.n)}{record.n|or(record.nothing)}{record.nothing|or(record.no)|default(-)}", "77-"},
        {"{key|after(k)}{key|after(z)}", "k"},
        {"{record.q|doubled(')} {record.q|escaped(')}", "o''b\\c o\\'b\\\\c"},
        {"{record.a|part(/, 2)}|{record.a|part(/, 1)|upper}", "ü|X Y"},
        {"{now|tid(key)}", "3mbo6joc4iktd"},
        {"{key|uuid}", "8254c329-a928-80f6-9539-dd376f4816ee"},
        {"{key|md5|hex}", "8ce4b16b22b58894aa86c421e8759df3"},
        {"{record.n|hmac_sha256(key)|hex}", "9c737d163bcd1315bb695b00262e3ba4487ae2670bb2b0e6b8ee7f6ad354215a"}};
    for (const auto& each : cases) {
        INFO(each.text);
        const auto text = render(each.text);
        REQUIRE(text);
        REQUIRE(*text);
        CHECK(**text == each.expected);
    }
}

TEST_CASE("what is inserted is encoded for its place, what is written is not", "[template]") {
    CHECK(*render("/a/{record.a}?x=1", Place::path).value() == "/a/x%20y%2F%C3%BC?x=1");
    CHECK_FALSE(Template::compile("{record.a}").value().render(Scope().bind("record", value::Node{}), Place::path));
    Scope dots;
    dots.bind("id", std::string(".."));
    CHECK(Template::compile("/x/{id}").value().render(dots, Place::path).error().fault == Fault::bad_input);
    Scope evil;
    evil.bind("v", std::string("a\r\nX-Evil: 1"));
    CHECK(Template::compile("{v}").value().render(evil, Place::header).error().fault == Fault::bad_input);
}

TEST_CASE("a lone name keeps its JSON type, a mixed one is text", "[template]") {
    CHECK(built("{record.n}") == "7");
    CHECK(built("{record.f}") == "1.50");
    CHECK(built("{record.o}") == "{\"k\":1}");
    CHECK(built("{record.z}") == "null");
    CHECK(built("n{record.n}") == "\"n7\"");
    CHECK(built("{record.list|pluck(id)|wrap(add)}") == "[[\"add\",1],[\"add\",2]]");
    CHECK(built("{record.list|without(record.other, id)}") == R"([{"id":1,"c":"DE"}])");
    CHECK(built("{record.list|without(record.other, c=code)}") == R"([{"id":1,"c":"DE"}])");
    CHECK(built("{record.list|where(c, FR)|first}") == R"({"id":2,"c":"FR"})");
    CHECK(built("{record.list|set(m, ours)|pluck(m)}") == R"(["ours","ours"])");
    CHECK(built("{record.list|relate(c, record.other, code, id)}") == R"([{"id":1},{"id":2,"c":2}])");
    CHECK(built("{record.nothing|default([])}") == "[]");
    CHECK(built("{record.a|default()}") == "\"x y/ü\"");
}

TEST_CASE("a missing value is an error unless its name is optional", "[template]") {
    CHECK(render("{record.nothing}").error().what == "there is no 'record.nothing'");
    CHECK(render("a{record.nothing?}b").value() == std::nullopt);
    CHECK(render("{header.absent?}").value() == std::nullopt);
    CHECK(render("{header.broken?}").error().fault == Fault::unauthorized);
    CHECK(render("{record.o}").error().fault == Fault::bad_input);
    CHECK(render("{record.a|integer}").error().fault == Fault::bad_input);
    CHECK(render("{record.n|pluck(x)}").error().fault == Fault::bad_input);
}

TEST_CASE("a wrong template is refused with what would be right", "[template]") {
    Names names;
    names.any("record").only("settings", {"shop", "version"});
    const Case cases[] = {{"{setings.shop}", "did you mean 'settings'"},
                          {"{settings.shopp}", "did you mean 'settings.shop'"},
                          {"{record.x", "lacks its '}'"},
                          {"{}", "empty braces"},
                          {"{record.x|base46}", "did you mean 'base64'"},
                          {"{record.x|pluck}", "takes 1 arguments"},
                          {"{record.x|hmac_sha256(nokey)}", "unknown name 'nokey'"},
                          {"{record.x|first(}", "lacks its '}'"}};
    for (const auto& each : cases) {
        INFO(each.text);
        const auto compiled = Template::compile(each.text, names);
        REQUIRE_FALSE(compiled);
        INFO(compiled.error().what);
        CHECK(compiled.error().fault == Fault::bad_config);
        CHECK(compiled.error().what.find(each.expected) != std::string::npos);
    }
}

TEST_CASE("a URL is read strictly and links are resolved against it", "[url]") {
    for (const auto* bad : {"", "example.com", "ftp://x/", "https://", "https://u:p@x/", "https://x:0/",
                            "https://x:99999/", "https://a b/", "https://x\\@y/"})
        CHECK_FALSE(parse_url(bad));
    const auto base = parse_url("HTTPS://API.Example.com:8443/v1/things?a=1#f").value();
    CHECK(base.text() == "https://api.example.com:8443/v1/things?a=1");
    const Case cases[] = {{"?b=2", "https://api.example.com:8443/v1/things?b=2"},
                          {"more", "https://api.example.com:8443/v1/more"},
                          {"../x/./y/..", "https://api.example.com:8443/x/"},
                          {"/abs?q=/../", "https://api.example.com:8443/abs?q=/../"},
                          {"//other.example/p", "https://other.example/p"},
                          {"http://plain.example/p", "http://plain.example/p"}};
    for (const auto& each : cases) CHECK(resolve(base, each.text).value().text() == each.expected);
    CHECK(host_allowed("api.example.com", {"API.example.com"}));
    CHECK(host_allowed("a.b.example.com", {"*.example.com"}));
    CHECK_FALSE(host_allowed("example.com", {"*.example.com"}));
    CHECK_FALSE(host_allowed("evilexample.com", {"*.example.com"}));
    CHECK_FALSE(host_allowed("example.com.evil.net", {"example.com"}));
}

TEST_CASE("the Link header gives the link of a relation", "[link_header]") {
    CHECK(link_with("<https://a/?p=2>; rel=\"next\"", "next") == "https://a/?p=2");
    CHECK(link_with("<a>; rel=prev, <b>; title=\"x, rel=next\"; rel=\"last Next\"", "next") == "b");
    CHECK(link_with("<a>;;rel=next", "next") == "a");
    CHECK_FALSE(link_with("<a>; rel=nextish, <b", "next"));
    CHECK_FALSE(link_with("", "next"));
}

TEST_CASE("moments are read and written in each form without rounding up", "[time_form]") {
    struct Form {
        std::string_view name, json;
        Milliseconds::rep at;
        std::string_view written;
    };
    const Form forms[] = {
        {"rfc3339", "\"2026-01-05T10:00:00.999+02:00\"", 1767600000999, "\"2026-01-05T08:00:00Z\""},
        {"rfc3339_ms", "\"2026-01-05T10:00:00Z\"", 1767607200000, "\"2026-01-05T10:00:00.000Z\""},
        {"unix", "\"1767607200.9\"", 1767607200000, "1767607200"},
        {"unix_ms", "1767607200123", 1767607200123, "1767607200123"},
        {"odata_v2", "\"/Date(1767607200123+0060)/\"", 1767607200123, "\"/Date(1767607200123)/\""},
        {"%Y-%m-%d %H:%M:%S", "\"2026-01-05 10:00:00.999999\"", 1767607200000, "\"2026-01-05 10:00:00\""},
        {"%Y%m%d", "\"20260105\"", 1767571200000, "\"20260105\""}};
    for (const auto& each : forms) {
        INFO(each.name);
        const auto form = TimeForm::named(each.name).value();
        const auto document = value::parse_json(each.json).value();
        const auto at = form.read(document.root());
        REQUIRE(at);
        CHECK(at->time_since_epoch().count() == each.at);
        CHECK(value::to_json(form.write(*at).root()) == each.written);
    }
    const auto tagged = TimeForm::named("tagged").value();
    const auto moment = Timestamp{Milliseconds{1767607200407}};
    CHECK(tagged.read(tagged.write(moment).root()) == moment);
    const auto form = TimeForm::named("%Y-%m-%d").value();
    for (const auto* bad : {"\"2026-02-30\"", "\"2026-1-5\"", "\"2026-01-05x\"", "7", "null"})
        CHECK_FALSE(form.read(value::parse_json(bad).value().root()));
    CHECK_FALSE(TimeForm::named("iso"));
    CHECK_FALSE(TimeForm::named("%Y-%q"));
}

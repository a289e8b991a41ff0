#include "gateway/watch/reports.hpp"

#include <catch2/catch.hpp>

#include "gateway/value/json.hpp"
#include "gateway/watch/page.hpp"

using namespace tributary;
using namespace tributary::watch;

namespace {

value::Document json(std::string_view text) {
    auto document = value::parse_json(text);
    REQUIRE(document);
    return std::move(*document);
}

// What an enemy would like to see in a page as it is.
constexpr const char* kHostile = R"("<script>alert(1)</script>' onload=\"x\" &amp; </svg> \u202e ]]>")";

std::string with_hostile(std::string text) {
    for (auto at = text.find("HOSTILE"); at != std::string::npos; at = text.find("HOSTILE", at + 1))
        text.replace(at, 7, kHostile);
    return text;
}

void check_page(const std::string& html) {
    CHECK(html.find("<script") == std::string::npos);
    CHECK(html.find("onload=\"") == std::string::npos);
    CHECK(html.find("\xe2\x80\xae") == std::string::npos);
    CHECK(html.find("http://") == std::string::npos);
    CHECK(html.find("https://") == std::string::npos);
    CHECK(html.find("<svg>") == std::string::npos);
    std::size_t opened = 0, closed = 0;
    for (auto at = html.find("<section"); at != std::string::npos; at = html.find("<section", at + 1)) ++opened;
    for (auto at = html.find("</section"); at != std::string::npos; at = html.find("</section", at + 1)) ++closed;
    CHECK(opened == closed);
}

}  // namespace

TEST_CASE("text in a page is text", "[watch][report]") {
    CHECK(html_text("<b>&\"'") == "&lt;b&gt;&amp;&quot;&#39;");
    CHECK(html_text("a\nb\xe2\x80\xae") == "a\\u{a}b\\u{202e}");
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1234567) == "1,234,567");
    CHECK(grouped(-1000) == "-1,000");
    CHECK(grouped(-100) == "-100");
}

TEST_CASE("bars are as long as their values", "[watch][report]") {
    Page page("t", "a");
    page.section("s");
    page.bars("what", {{"a", 10, "10 x", false}, {"b", 5, "5 x", true}, {"c", 0, "0 x", false}});
    const auto html = page.html();
    CHECK(html.find("width=\"480.0\"") != std::string::npos);
    CHECK(html.find("class=\"bar warn\" x=\"270\" y=\"33\" width=\"240.0\"") != std::string::npos);
    CHECK(html.find("width=\"0.0\"") != std::string::npos);
    CHECK(html.find("aria-label=\"what\"") != std::string::npos);
    Page none("t", "a");
    none.section("s");
    none.bars("zeros", {{"a", 0, "0", false}});
    CHECK(none.html().find("nan") == std::string::npos);
}

TEST_CASE("a review says what is not recorded", "[watch][report]") {
    const auto figures = json(R"({"gateway":"acme","at":"2026-03-02T10:00:00.000Z","users":null,"audit":{"entries":0},
        "consents":[],"credentials":[],"requests":[],"alerts":[]})");
    const auto html = review_page(figures.root());
    check_page(html);
    CHECK(html.find("Not recorded.") != std::string::npos);
    CHECK(html.find("None are open.") != std::string::npos);
    CHECK(html.find("Nobody said anything yet.") != std::string::npos);
    CHECK(html.find("The vault holds no secrets.") != std::string::npos);
    CHECK(html.find("<b>never</b>checked last") != std::string::npos);
    CHECK(html.find("2026-03-02 10:00 UTC") != std::string::npos);
}

TEST_CASE("a review shows its figures", "[watch][report]") {
    const auto figures = json(with_hostile(R"({"gateway":HOSTILE,"at":"2026-06-02T10:00:00.000Z",
        "users":[{"name":HOSTILE,"days":100}],
        "audit":{"entries":12345,"verified_at":"2026-06-01T10:00:00.000Z","whole":true,"anchored":true},
        "consents":[{"purpose":"marketing.email","state":"given","subjects":3000},{"purpose":"marketing.email","state":"withdrawn","subjects":1000},{"purpose":HOSTILE,"state":HOSTILE,"subjects":1}],
        "credentials":[{"name":HOSTILE,"changed_at":"2026-01-01T00:00:00.000Z","used":true}],
        "unsupported_deletions":[{"delivery":HOSTILE,"to":"crm"}],
        "alerts":[{"rule":"overdue","raised":7,"open":1}]})"));
    const auto html = review_page(figures.root());
    check_page(html);
    CHECK(html.find("3,000 given, 75 %") != std::string::npos);
    CHECK(html.find("152 days") != std::string::npos);
    CHECK(html.find("7 raised, 1 open") != std::string::npos);
    CHECK(html.find("&lt;script&gt;") != std::string::npos);
    CHECK(review_summary(figures.root()).find("1 open alerts; audit trail of 12,345 entries") == 0);
}

TEST_CASE("a quality report shows its figures", "[watch][report]") {
    const auto figures =
        json(with_hostile(R"({"gateway":"acme","at":"2026-06-02T10:00:00.000Z","records":1200,"customers":1000,
        "duplicates":{"customers":150,"records":350},"dead_letters":2,
        "streams":[{"connection":"shop","stream":"orders","mapped":900,"unchanged":10,"quarantined":100,"age_seconds":7300,"error":"","late":true},
                   {"connection":HOSTILE,"stream":"x","mapped":0,"unchanged":0,"quarantined":0}],
        "issues":[{"connection":"shop","stream":"orders","path":HOSTILE,"code":"bad_email","count":1500,"last_at":"2026-06-01T10:00:00.000Z"}],
        "drift":[],"causes":[{"stage":"map","place":"shop","cause":HOSTILE,"letters":2}],"causes_partial":true})"));
    const auto html = quality_page(figures.root());
    check_page(html);
    CHECK(html.find("10.0 %") != std::string::npos);
    CHECK(html.find("2 h, late") != std::string::npos);
    CHECK(html.find("1,500 records") != std::string::npos);
    CHECK(html.find("No source changed its form.") != std::string::npos);
    CHECK(html.find("first ten thousand") != std::string::npos);
    CHECK(quality_summary(figures.root()).find("1,200 source records") == 0);
    check_page(quality_page(json(R"({"gateway":"a","at":"2026-06-02T10:00:00.000Z"})").root()));
}

// Consent where rows go into reports (E10), and what a browser says by itself.
#include "gateway/flow/analytics_export.hpp"
#include "gateway/flow/browser_signal.hpp"
#include "tests/unit/flow/enforcement.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;

TEST_CASE("E10: an export for reports holds whom the purpose is allowed for, nobody by name and nobody alone",
          "[enforcement][req23]") {
    ConsentFixture f;
    auto person = [&](int id, const std::string& said, const std::string& born, const std::string& country) {
        f.say(std::to_string(id), said, "analytics.report",
              R"("born":")" + born + R"(","country":")" + country + R"(",)");
    };
    for (int id = 1; id <= 5; ++id) person(id, "given", "198" + std::to_string(id) + "-02-03", "DE");
    for (int id = 6; id <= 8; ++id) person(id, "given", "1971-02-03", "FR");
    for (int id = 9; id <= 12; ++id) person(id, "", "1985-02-03", "DE");
    person(13, "refused", "1986-02-03", "DE");
    AnalyticsExport wanted{.name = "people",
                           .entity = "contact",
                           .purpose = "analytics.report",
                           .anonymous = true,
                           .k = 5,
                           .columns = {{"born", "birth_date", *record::Generalisation::parse("decade"), false, true},
                                       {"country", "addresses[0].country", {}, false, true},
                                       {"status", "status"}}};
    CHECK(check_export(wanted, f.model).empty());
    const auto file = f.folder / "people.ndjson";
    auto counts = write_export(*f.world, wanted, file);
    INFO((counts ? "" : counts.error().text()));
    REQUIRE(counts);
    CHECK(counts->rows == 5);
    CHECK(counts->suppressed == 3);
    CHECK(counts->groups == 2);
    CHECK(counts->small_groups == 1);
    CHECK(counts->denied == std::map<std::string, std::uint64_t>{{"C-UNKNOWN", 4}, {"C-WITHDRAWN", 1}});
    auto text = [&] {
        std::ifstream stream(file);
        return std::string(std::istreambuf_iterator<char>(stream), {});
    };
    const auto anonymous = text();
    CHECK(std::ranges::count(anonymous, '\n') == 5);
    CHECK(anonymous.find(R"({"born":"1980s","country":"DE")") == 0);
    CHECK(anonymous.find("FR") == std::string::npos);
    CHECK(anonymous.find("example.com") == std::string::npos);

    // A pseudonym is the same from export to export, until its key is rotated.
    wanted.anonymous = false;
    wanted.columns.push_back({"who", "person", {}, true, false});
    CHECK(check_export(wanted, f.model).empty());
    auto first_row = [&] {
        REQUIRE(write_export(*f.world, wanted, file));
        const auto rows = text();
        return rows.substr(0, rows.find('\n'));
    };
    const auto before = first_row();
    CHECK(before.find("\"who\":\"") != std::string::npos);
    CHECK(before.find(f.uid("shop", "1").text()) == std::string::npos);
    CHECK(first_row() == before);
    auto key = f.ring->add(vault::Use::analytics, f.random, f.clock);
    REQUIRE(key);
    REQUIRE(f.ring->promote(*key, f.random, f.clock));
    CHECK(first_row() != before);
}

TEST_CASE("E10: what would name somebody is no column of an export", "[enforcement]") {
    ConsentFixture f;
    auto flaws = [&](bool anonymous, ExportColumn column, const std::string& entity = "contact") {
        AnalyticsExport wanted{"x", entity, "analytics.report", anonymous, 5, {}};
        wanted.columns = {{"country", entity == "contact" ? "addresses[0].country" : "channel", {}, false, true},
                          std::move(column)};
        return check_export(wanted, f.model).size();
    };
    const auto year = *record::Generalisation::parse("year");
    CHECK(flaws(true, {"mail", "emails[0].address"}) == 1);
    CHECK(flaws(false, {"mail", "emails[0].address"}) == 1);
    CHECK(flaws(false, {"mail", "emails[0].address", {}, true}) == 0);
    CHECK(flaws(true, {"mail", "emails[0].address", {}, true}) == 1);
    CHECK(flaws(true, {"born", "birth_date", year}) == 1);
    CHECK(flaws(true, {"born", "birth_date", year, false, true}) == 0);
    CHECK(flaws(true, {"id", "gov_ids[0].value", {}, false, true}) == 1);
    CHECK(flaws(false, {"id", "gov_ids[0].value", {}, true}) == 1);
    CHECK(flaws(true, {"life", "lifecycle"}) == 0);
    CHECK(flaws(true, {"number", "number"}, "order") == 1);
    CHECK(flaws(true, {"when", "placed_at"}, "order") == 1);
    CHECK(flaws(true, {"when", "placed_at", *record::Generalisation::parse("month"), false, true}, "order") == 0);
    CHECK(flaws(false, {"of", "contact_ref"}, "order") == 1);
    CHECK(flaws(true, {"odd", "no.such.field"}) == 1);
    CHECK(flaws(false, {"who", "person"}) == 1);
}

TEST_CASE("Sec-GPC of the person's browser objects to passing on and profiling, whatever becomes of the record",
          "[enforcement][gpc]") {
    ConsentFixture f;
    f.deliver("crm", "share.third_party");
    auto submit = [&](const std::string& id, std::string json, bool gpc) {
        f.clock.advance(1h);
        Batch batch;
        batch.connection = "shop";
        batch.records.push_back({"people", {id, std::move(json), false}, f.clock.now(), gpc});
        auto result = f.process->process(std::move(batch));
        REQUIRE(result);
        return *result;
    };
    CHECK(submit("1", f.saying("1", "given", "share.third_party"), false).enqueued == 1);
    CHECK(submit("1", f.saying("1", ""), true).enqueued == 0);
    CHECK(reason_of_only(f) == "C-OBJECT");
    CHECK(submit("2", "no json", true).quarantined == 1);
    CHECK(f.say("2", "given", "marketing.email").enqueued == 0);
    auto rows = withheld(f);
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].reason == "C-OBJECT");

    Connection form, server;
    form.from_browser = true;
    connector::InboundRequest request;
    request.headers = {{"sec-gpc", "1"}};
    CHECK(says_gpc(headers_to_keep(form, request)));
    CHECK_FALSE(says_gpc(headers_to_keep(server, request)));
    request.headers = {{"Sec-GPC", "0"}};
    CHECK_FALSE(says_gpc(headers_to_keep(form, request)));
}

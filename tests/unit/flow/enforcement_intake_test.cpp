// Consent where records come in: what may be kept of them (E1), and with which others they are put together (E3).
#include "gateway/flow/merge_gate.hpp"
#include "gateway/flow/stored_basis.hpp"
#include "tests/unit/flow/enforcement.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;

TEST_CASE("E1: what no purpose of the stream allows to keep is not kept", "[enforcement][req23]") {
    ConsentFixture f;
    keep_for(f, {"personalise", "survey.feedback"});
    auto refused = f.say("1", "");
    CHECK(refused.no_basis == 1);
    CHECK(refused.changed == 0);
    CHECK(golden_of(f, "1").empty());
    auto told = entries(f, "consent.deny");
    REQUIRE(told.size() == 1);
    CHECK(told[0].find("\"point\":\"ingest\"") != std::string::npos);
    CHECK(told[0].find("C-UNKNOWN") != std::string::npos);
    CHECK(told[0].find("example.com") == std::string::npos);
    // One that is allowed is enough, and the act may come with the record.
    CHECK(f.say("1", "given", "survey.feedback").changed == 1);
    CHECK(golden_of(f, "1").root().at_path("emails[0].address").text() == "p1@example.com");
    CHECK(f.say("1", "withdrawn", "survey.feedback").no_basis == 1);
}

TEST_CASE("E1: a contract keeps what it needs, sensitive parts only by explicit consent", "[enforcement]") {
    ConsentFixture f;
    keep_for(f, {"analytics.report"});
    f.say("1", "given", "analytics.report", R"("passport":"X123","who":"import","how":"imported",)");
    auto golden = golden_of(f, "1");
    CHECK(golden.root().at_path("emails[0].address").text() == "p1@example.com");
    CHECK_FALSE(golden.root().find("gov_ids"));
    auto notes = f.read<std::vector<store::QualityCount>>([](store::ReadSession& session) {
        return session.quality().list(store::QualityKind::issue, "shop", "people", 10);
    });
    REQUIRE(notes.size() == 1);
    CHECK(notes[0].path == "gov_ids");
    CHECK(notes[0].code == "no_basis");
    f.say("1", "given", "analytics.report", R"("passport":"X123",)");
    CHECK(golden_of(f, "1").root().find("gov_ids"));
    keep_for(f, {"service.order"});
    CHECK(f.say("2", "", "", R"("passport":"Y456",)").no_basis == 0);
    CHECK(golden_of(f, "2").root().find("gov_ids"));
}

TEST_CASE("E1: of a minor nothing is kept that a guardian did not agree to", "[enforcement]") {
    ConsentFixture f;
    keep_for(f, {"personalise"});
    CHECK(f.say("1", "given", "personalise", R"("born":"2012-01-01","country":"DE",)").no_basis == 1);
    CHECK(f.say("1", "given", "personalise", R"("born":"2012-01-01","country":"DE","who":"guardian",)").no_basis == 0);
    CHECK_FALSE(golden_of(f, "1").empty());
}

TEST_CASE("E1: what depends on a person is judged by what the person said, and kept without personal fields",
          "[enforcement]") {
    ConsentFixture f;
    f.world->connections.at("shop").streams.at("orders").plan = f.plan(R"(
mapping: test/notes
to: order
fields:
  number: { template: "of-{who}" }
  placed_at: at
  currency: { value: EUR }
  status: status
  note: note
  contact: { link: contact, key: who }
)");
    f.world->connections.at("shop").streams.at("orders").purposes = {"survey.feedback"};
    auto note_of = [&](const std::string& who) {
        f.clock.advance(1s);
        const auto text = R"({"at":")" + record::timestamp_text(f.clock.now()) + R"(","who":")" + who +
                          R"(","status":"processing","note":"ring twice"})";
        REQUIRE(f.take("shop", "of-" + who, text, "orders").no_basis == 0);
        const auto uid = record_uid(*f.blind, {"shop", "orders", "of-" + who});
        auto rows = f.read<std::vector<std::optional<store::RecordRow>>>(
            [&](store::ReadSession& session) { return session.records().load(std::span(&uid, 1)); });
        REQUIRE(rows.at(0));
        return !rows[0]->sealed.empty();
    };
    f.say("1", "");
    CHECK_FALSE(note_of("1"));
    f.say("1", "given", "survey.feedback");
    CHECK(note_of("1"));  // the same record again: now there is a basis
}

TEST_CASE("E3: who objected to being recognised stays alone, until a person decides otherwise",
          "[enforcement][req23]") {
    ConsentFixture f;
    auto same = [&](const std::string& connection, const std::string& id, const std::string& what) {
        f.clock.advance(1s);
        const std::string act =
            what.empty() ? ""
                         : R"("said":")" + what + R"(","purpose":"identity.merge","who":"subject","how":"explicit",)";
        return f.take(connection, id,
                      R"({"id":")" + id + R"(","name":"Ann Lee","email":"ann@example.com",)" + act + R"("at":")" +
                          record::timestamp_text(f.clock.now()) + R"("})");
    };
    same("shop", "1", "");
    same("erp", "2", "");
    CHECK(customers(f) == 1);
    same("erp", "2", "refused");  // recognised before: they are parted again
    CHECK(customers(f) == 2);
    same("shop", "3", "");  // another record of the same name and address joins the one that may be joined
    CHECK(customers(f) == 2);
    same("shop", "1", "");
    CHECK(customers(f) == 2);
    const std::array both{f.uid("shop", "1"), f.uid("erp", "2")};
    auto alone = any_stays_alone(*f.world, both);
    REQUIRE(alone);
    CHECK(*alone);
    store::ManualPair pair{both[0], both[1], store::PairRule::must_link, "carl", f.clock.now()};
    REQUIRE(f.store->write([&](store::Session& session) { return session.identity().put_pairs(std::span(&pair, 1)); }));
    REQUIRE(f.process->relink_records({both[0], both[1]}));
    auto links = f.read<std::vector<std::optional<store::Link>>>(
        [&](store::ReadSession& session) { return session.identity().links_of(both); });
    REQUIRE(links.at(0));
    REQUIRE(links.at(1));
    CHECK(links[0]->customer == links[1]->customer);
}

TEST_CASE("E1: what is stored loses what no purpose allows any more, with the withdrawal and in the daily sweep",
          "[enforcement][req23]") {
    ConsentFixture f;
    keep_for(f, {"survey.feedback"});
    f.deliver("crm", "service.order");
    f.say("1", "given", "survey.feedback");
    f.say("2", "given", "survey.feedback");
    f.say("3", "given", "survey.feedback");
    f.round("crm");
    // With the act, also when it comes alone; whoever said nothing keeps what they have.
    f.say("1", "withdrawn", "survey.feedback");
    CHECK(golden_of(f, "1").empty());
    CHECK_FALSE(golden_of(f, "2").empty());
    CHECK(entries(f, "consent.deny").back().find("\"point\":\"stored\"") != std::string::npos);
    CHECK(entries(f, "consent.deny").back().find("C-WITHDRAWN") != std::string::npos);
    // With the configuration: what is under hold stays, a dry run changes nothing.
    keep_for(f, {"personalise"});
    const store::SubjectMark hold{
        store::MarkKind::held, f.blind->subject_of("shop", "contact", "3"), "lawsuit", {}, "carl", f.clock.now()};
    REQUIRE(f.store->write([&](store::Session& session) { return session.subject_marks().put(std::span(&hold, 1)); }));
    const auto sweep = [&](bool dry_run) {
        const auto report = sweep_stored_basis(*f.world, *f.process, dry_run);
        REQUIRE(report);
        return std::tuple(report->due, report->removed, report->held);
    };
    CHECK(sweep(true) == std::tuple(2, 0, 1));
    CHECK_FALSE(golden_of(f, "2").empty());
    CHECK(sweep(false) == std::tuple(2, 1, 1));
    CHECK(golden_of(f, "2").empty());
    CHECK_FALSE(golden_of(f, "3").empty());
    CHECK(sweep(false) == std::tuple(1, 0, 1));
    // It comes back whole when there is a basis again, although the source sends what it sent before.
    keep_for(f, {"survey.feedback"});
    CHECK(f.take("shop", "2", f.saying("2", "given", "survey.feedback")).changed == 1);
    CHECK(golden_of(f, "2").root().at_path("emails[0].address").text() == "p2@example.com");
}

TEST_CASE("E1: an act that comes alone ends what was kept by it, and settles no letter of the record",
          "[enforcement]") {
    ConsentFixture f;
    keep_for(f, {"survey.feedback"});
    f.say("1", "given", "survey.feedback");
    f.say("2", "given", "survey.feedback");
    f.world->connections.at("shop").streams.at("people").plan = f.plan(ConsentFixture::kPeople);
    CHECK(f.take("shop", "1", R"({"id":"1"})").quarantined == 1);  // a newer form that is broken
    f.world->connections.at("shop").streams.at("people").plan = f.plan(ConsentFixture::kSaying);
    f.clock.advance(1s);
    const auto said = value::parse_json(
        R"({"contact_ref":{"entity":"contact","external_id":"1"},"purpose":"survey.feedback","channel":"any","event_state":"withdrawn",)"
        R"("event_type":"explicit","origin":"subject","event_time":")" +
        record::timestamp_text(f.clock.now()) + R"("})");
    REQUIRE(said);
    auto act = prepare_consent(*f.world, said->root(), f.uid("shop", "1"), f.blind->subject_of("shop", "contact", "1"),
                               f.clock.now());
    INFO((act ? "" : act.error().text()));
    REQUIRE(act);
    REQUIRE(f.process->record_consents({*act}));
    CHECK(golden_of(f, "1").empty());
    CHECK_FALSE(golden_of(f, "2").empty());
    CHECK(f.stats().dead_letters == 1);
}

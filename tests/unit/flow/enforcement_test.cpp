// The points at which consent is enforced, named as in the consent page: storing, routing, sending, trying again,
// passing on. E1 and E3 stand in enforcement_intake_test.cpp, E10 in enforcement_export_test.cpp, E7 in
// tests/integration/consent_test.py, E9 in tests/integration/backup_test.py.
#include <iostream>
#include <random>

#include "gateway/flow/consent_intake.hpp"
#include "gateway/flow/double_opt_in.hpp"
#include "gateway/flow/redrive.hpp"
#include "tests/unit/flow/enforcement.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;

TEST_CASE("E2: where consent was given is sealed, and read back whole", "[enforcement]") {
    ConsentFixture f;
    f.say("1", "given", "marketing.email", R"("ip":"192.0.2.0/24",)");
    auto rows = f.read<std::vector<store::ConsentEventRow>>(
        [](store::ReadSession& session) { return session.consent_events().list(0, 10); });
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].body.find("192.0.2") == std::string::npos);
    CHECK_FALSE(rows[0].sealed.empty());
    auto event = read_consent(*f.world, rows[0]);
    REQUIRE(event);
    CHECK(event->capture.ip_prefix == "192.0.2.0/24");
    CHECK(event->proof.kind == "doi_token");
}

TEST_CASE("E4: destinations are chosen by consent", "[enforcement][req23]") {
    ConsentFixture f;
    f.deliver("crm", "marketing.email").channel = consent::Channel::email;
    CHECK(f.say("1", "").withheld == 1);
    CHECK(reason_of_only(f) == "C-UNKNOWN");
    CHECK(f.say("1", "given").enqueued >= 1);
    CHECK(f.say("2", "given", "marketing.email", R"("who":"import",)").withheld >= 1);
    CHECK(reason_of_only(f) == "C-NOPROOF");  // an import alone never allows advertising
}

TEST_CASE("E4: a minor's own word is not enough where their country says so", "[enforcement]") {
    ConsentFixture f;
    f.deliver("crm", "personalise");
    CHECK(f.say("1", "given", "personalise", R"("born":"2012-01-01","country":"DE",)").enqueued == 0);
    CHECK(reason_of_only(f) == "C-SENSITIVE");
    CHECK(f.say("1", "given", "personalise", R"("born":"2012-01-01","country":"DE","who":"guardian",)").enqueued >= 1);
    CHECK(f.say("2", "given", "personalise", R"("born":"1990","country":"DE",)").enqueued == 1);
}

TEST_CASE("E4: what a minor ordered is handled all the same", "[enforcement]") {
    ConsentFixture f;
    f.deliver("crm", "service.order");
    CHECK(f.say("1", "", "", R"("born":"2012-01-01","country":"DE",)").enqueued == 1);
}

TEST_CASE("E4: sharing needs a separate consent in China", "[enforcement]") {
    ConsentFixture f;
    f.deliver("crm", "share.third_party");
    CHECK(f.say("1", "given", "share.third_party", R"("country":"CN",)").enqueued == 0);
    CHECK(reason_of_only(f) == "C-SENSITIVE");
    CHECK(f.say("1", "given", "share.third_party", R"("country":"CN","basis":"pipl_separate_consent",)").enqueued >= 1);
    CHECK(f.say("2", "given", "share.third_party", R"("country":"DE",)").enqueued == 1);
}

TEST_CASE("E5: sensitive parts leave only with an explicit consent, the rest goes", "[enforcement]") {
    ConsentFixture f;
    f.world->deliveries.reserve(4);
    f.deliver("crm", "personalise");
    f.deliver("erp", "service.order");  // declares that it needs them
    f.connect("other");
    f.world->connections.at("other").streams.at("people").plan = f.plan(ConsentFixture::kSaying);
    Batch batch;
    batch.connection = "other";
    f.clock.advance(1s);
    batch.records.push_back({"people", {"1", f.saying("1", "given", "personalise", R"("passport":"X123",)"), false}});
    REQUIRE(f.process->process(std::move(batch)));
    f.round("crm");
    f.round("erp");
    REQUIRE(f.connectors["crm"]->pushed.size() == 1);
    REQUIRE(f.connectors["erp"]->pushed.size() == 1);
    CHECK(f.connectors["erp"]->pushed[0].json.find("X123") != std::string::npos);
    // The mapping's acts are explicit, and so enough; without one the passport stays here.
    CHECK(f.connectors["crm"]->pushed[0].json.find("X123") != std::string::npos);
    f.world->deliveries.clear();
    f.deliver("crm", "analytics.report");
    f.clock.advance(1s);
    f.take("other", "2",
           f.saying("2", "given", "analytics.report", R"("passport":"Y456","who":"import","how":"imported",)"));
    f.round("crm");
    const auto& plain = f.connectors["crm"]->pushed.back().json;
    CHECK(plain.find("p2@example.com") != std::string::npos);
    CHECK(plain.find("Y456") == std::string::npos);
}

TEST_CASE("E5: a withdrawal between claim and send stops every send that is not under way",
          "[enforcement][req23][req27]") {
    constexpr unsigned kSeed = 20261129;
    constexpr std::size_t kLanes = 50, kRounds = 23;
    ConsentFixture f;
    f.deliver("crm", "marketing.email").channel = consent::Channel::email;
    auto& crm = *f.connectors["crm"];
    std::mt19937 random(kSeed);
    std::size_t looks = 0, last_push = 0, until = 0, races = 0, late = 0, sent = 0, next = 0;
    bool withdrawn = false;
    std::size_t looks_of_a_round = 0;  // up to its last push
    crm.before_push = [&] {
        ++sent;
        last_push = looks;
        if (withdrawn) ++late;
    };
    DeliveryWorker worker(*f.world, "crm", {.lanes = kLanes + 1, .pushes = 1});  // one claim takes all
    for (std::size_t round = 0; round <= kRounds; ++round) {
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < kLanes; ++i) ids.push_back(std::to_string(++next));
        f.say_all(ids, "given");
        looks = sent = 0;
        withdrawn = false;
        until = round == 0 ? 0 : 1 + random() % looks_of_a_round;  // the first round counts the looks
        f.store->before = [&] {
            if (++looks != until) return;
            auto mine = std::exchange(f.store->before, nullptr);
            f.say_all(ids, "withdrawn");
            races += kLanes - sent;
            withdrawn = true;
        };
        REQUIRE(run::run_blocking(f.loop, worker.work_off()).has_value());
        f.store->before = nullptr;
        if (round == 0) looks_of_a_round = last_push;
    }
    std::cout << "withdrawal between claim and send, seed " << kSeed << ": " << races << " races, " << late
              << " sends after it\n";
    CHECK(races >= 1000);
    CHECK(late == 0);
}

TEST_CASE("E5: a gateway that stood still after a look at consent sends nothing on it", "[enforcement][req23]") {
    ConsentFixture f;
    f.deliver("crm", "marketing.email").channel = consent::Channel::email;
    auto& crm = *f.connectors["crm"];
    std::size_t looks = 0, last_look = 0;
    crm.before_push = [&] { last_look = looks; };
    const auto send = [&](const std::string& id, std::size_t stands_still_after) {
        f.say(id, "given");
        looks = 0;
        f.store->after = [&] {
            if (++looks != stands_still_after) return;
            auto mine = std::exchange(f.store->after, nullptr);
            f.say(id, "withdrawn");
            f.clock.advance(1s);
        };
        f.round("crm");
        f.store->after = nullptr;
    };
    SECTION("before it is pushed") {}
    SECTION("while it waits for its budget") {
        crm.looks_again = true;
        crm.before_push = [&] {
            f.clock.advance(1s);
            last_look = looks + 1;
        };
    }
    send("1", 0);
    REQUIRE(crm.pushed.size() == 1);
    const auto all = last_look;
    for (std::size_t look = 1; look <= all; ++look) send(std::to_string(look + 1), look);
    CHECK(crm.pushed.size() == 1);
    CHECK(withheld(f).size() == all);
}

TEST_CASE("E5: a withdrawal while a push waits for its budget stops that one, and what went with it goes on",
          "[enforcement][req23]") {
    ConsentFixture f;
    f.deliver("crm", "marketing.email").channel = consent::Channel::email;
    auto& crm = *f.connectors["crm"];
    crm.batch = 3;
    crm.looks_again = true;
    f.say_all({"1", "2", "3"}, "given");
    crm.before_push = [&] {
        auto mine = std::exchange(crm.before_push, nullptr);
        f.clock.advance(1s);
        f.say("2", "withdrawn");
    };
    f.round("crm");
    REQUIRE(crm.pushed.size() == 2);
    for (const auto& one : crm.pushed) CHECK(one.json.find("p2@example.com") == std::string::npos);
    CHECK(withheld(f).size() == 1);
    CHECK(f.stats().destinations.at(0).retried == 0);
}

TEST_CASE("E6: dead letters are not sent after a withdrawal, however they are taken up again", "[enforcement][req23]") {
    ConsentFixture f;
    f.deliver("crm", "marketing.email").channel = consent::Channel::email;
    auto& crm = *f.connectors["crm"];
    f.say("1", "given");
    crm.script.push_back({fail(Fault::bad_input, "scripted failure"), false});
    f.round("crm");
    REQUIRE(crm.pushed.size() == 1);
    f.say("1", "withdrawn");
    auto report = redrive(*f.world, *f.process, {});
    REQUIRE(report);
    CHECK(report->matched == 1);
    f.round("crm");
    CHECK(crm.pushed.size() == 1);
    CHECK(withheld(f).size() == 1);
}

TEST_CASE("E6: a retry after a withdrawal is none", "[enforcement]") {
    ConsentFixture f;
    f.deliver("crm", "marketing.email").channel = consent::Channel::email;
    auto& crm = *f.connectors["crm"];
    f.say("1", "given");
    crm.script.push_back({fail(Fault::transient, "scripted failure"), false});
    f.round("crm");
    f.say("1", "withdrawn");
    f.clock.advance(1h);
    f.round("crm");
    CHECK(crm.pushed.size() == 1);
}

TEST_CASE("E8: a controller of its own gets nothing under a contract with us", "[enforcement][req23]") {
    ConsentFixture f;
    f.deliver("crm", "service.order").processor = false;
    CHECK(f.say("1", "").withheld == 1);
    CHECK(f.say("1", "given", "service.order").enqueued >= 1);
}

TEST_CASE("E8: what is passed on goes to those alone whom the consent names", "[enforcement][req23]") {
    ConsentFixture f;
    f.deliver("crm", "share.third_party").processor = false;
    CHECK(f.say("1", "given", "share.third_party", R"("to":"erp",)").withheld == 1);
    CHECK(reason_of_only(f) == "C-UNKNOWN");
    // What was withheld goes too.
    CHECK(f.say("1", "given", "share.third_party", R"("to":"crm",)").enqueued == 2);
    f.round("crm");
    CHECK(f.connectors["crm"]->pushed.size() == 1);
}

TEST_CASE("an event that cannot be read holds everything about its subject", "[enforcement]") {
    ConsentFixture f;
    f.deliver("crm", "service.order");
    f.say("1", "given");
    auto rows = f.read<std::vector<store::ConsentEventRow>>(
        [](store::ReadSession& session) { return session.consent_events().list(0, 10); });
    auto broken = rows.at(0);
    broken.event.bytes[0] ^= 1;
    broken.body = R"({"schema_version":"of tomorrow"})";
    REQUIRE(f.store->write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.consent_events().put(std::span(&broken, 1)));
        return {};
    }));
    f.round("crm");
    CHECK(f.connectors["crm"]->pushed.empty());
    CHECK(f.stats().destinations.at(0).queued == 1);
}

TEST_CASE("a double opt-in counts once it is confirmed, once and within a week", "[enforcement][doi]") {
    ConsentFixture f;
    f.deliver("crm", "marketing.email").channel = consent::Channel::email;
    f.say("1", "");
    DoubleOptIn doi(*f.world, *f.process);
    auto act = *value::parse_json(R"({"purpose":"marketing.email","channel":"email"})");
    auto contact = f.uid("shop", "1");
    auto subject = f.world->blind.subject_of("shop", "contact", "1");
    f.clock.advance(1h);
    auto token = doi.ask(act.root(), contact, subject);
    REQUIRE(token);
    CHECK(reason_of_only(f) == "C-PENDING");
    CHECK_FALSE(doi.confirm(std::string(96, '0')));
    f.clock.advance(1h);
    REQUIRE(doi.confirm(*token));
    f.round("crm");
    CHECK(f.connectors["crm"]->pushed.size() == 1);
    CHECK(doi.confirm(*token).error().fault == Fault::not_found);
    auto late = doi.ask(act.root(), contact, subject);
    REQUIRE(late);
    f.clock.advance(std::chrono::hours(7 * 24 + 1));
    CHECK_FALSE(doi.confirm(*late));
    auto rows = f.read<std::vector<store::ConsentEventRow>>(
        [](store::ReadSession& session) { return session.consent_events().list(0, 10); });
    for (const auto& row : rows) CHECK(row.body.find(*token) == std::string::npos);
}

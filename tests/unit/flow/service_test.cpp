// Messages become cases: one for a conversation, in the transaction of the message, told to destinations, never back.
#include <catch2/catch.hpp>

#include "gateway/flow/payload.hpp"
#include "gateway/flow/process.hpp"
#include "gateway/flow/service_desk.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/record/validate.hpp"
#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;

namespace {

constexpr const char* kMessages = R"(
mapping: test/messages
to: interaction
fields:
  kind: { from: kind, default: email }
  direction: { from: direction, default: inbound }
  thread_key: thread
  subject: subject
  body: text
  started_at: { from: at, as: timestamp, format: rfc3339 }
  contact:
    link: contact
    key: [ id, who ]
    fields: { name.full: who, emails: [ email ] }
)";
constexpr const char* kIssues = R"(
mapping: test/issues
to: case
fields:
  number: id
  kind: { value: request }
  status: status
  updated_at: { from: at, as: timestamp, format: rfc3339 }
)";
constexpr const char* kNotice = R"(
mapping: test/notice.out
from: case
to: external
skip: { any: [ { path: interaction_refs, empty: true }, { path: status, not_in: [new, reopened] } ] }
fields: { number: number, status: status }
)";
constexpr const char* kRules = R"(
conversation: { window: 10d, max_age: 5d }
privacy: [ { name: erase, when: { patterns: erase }, case: { kind: privacy_request, resolve: 1 month, tags: [privacy_officer] } } ]
rules:
  - { name: spam, when: { patterns: lottery }, ignore: true }
  - { name: complaint, when: { patterns: broken }, case: { kind: complaint, priority: high, resolve: 2d } }
  - { name: question, when: { patterns: '\?' }, case: { kind: question } }
)";

struct Desk : WorldFixture {
    Desk() {
        spec::Problems problems;
        auto loaded = service::Rulebook::load_text(kRules, "rules.yaml", problems);
        INFO(problems.text());
        REQUIRE(loaded);
        book = std::move(*loaded);
        world->service = &book;
        for (auto name : {"mail", "desk", "chat"}) connect(name);
        world->connections.at("mail").streams.emplace("messages",
                                                      Stream{"messages", plan(kMessages), std::nullopt, false});
        world->connections.at("desk").streams.emplace("issues", Stream{"issues", plan(kIssues), std::nullopt, false});
        auto& cases = deliver("desk", "service.support");
        cases.entity = "case";
        auto& notices = deliver("chat", "service.staff_notice");
        notices.entity = "case";
        notices.plan = plan(kNotice);
        clock.set(*record::parse_timestamp("2026-11-23T12:00:00Z"));
    }

    BatchResult say(const std::string& id, const std::string& text, const std::string& more = "",
                    const std::string& at = "2026-11-23T09:00:00Z") {
        return batch("mail", "messages", id,
                     R"({"who":"ann","email":"ann@example.com","thread":"t1","text":")" + text + R"(","at":")" + at +
                         "\"" + (more.empty() ? "" : "," + more) + "}");
    }
    BatchResult report(const std::string& id, const std::string& status, const std::string& at) {
        return batch("desk", "issues", id, R"({"id":")" + id + R"(","status":")" + status + R"(","at":")" + at + "\"}");
    }
    BatchResult batch(const std::string& connection, const std::string& stream, const std::string& id,
                      const std::string& json) {
        Batch all;
        all.connection = connection;
        all.records.push_back({stream, {id, json, false}});
        auto result = process->process(std::move(all));
        INFO((result ? "" : result.error().text()));
        REQUIRE(result.has_value());
        return *result;
    }
    // All cases that rules opened, as JSON documents, in the order of their making.
    std::vector<value::Document> cases() {
        auto rows = read<std::vector<store::RecordRow>>(
            [](store::ReadSession& session) -> Result<std::vector<store::RecordRow>> {
                TRY(auto all, session.records().list("case", 0, 100));
                std::erase_if(all, [](const auto& row) { return row.key.stream != kCaseStream; });
                return all;
            });
        std::vector<value::Document> out;
        for (const auto& row : rows) {
            auto document =
                open_payload(*world, row.header.subject, record_place(row.header.uid), row.clear, row.sealed);
            REQUIRE(document);
            std::vector<record::Issue> issues;
            record::validate(*model.entity("case"), document->root(), issues);
            for (const auto& issue : issues) FAIL_CHECK(issue.path << ": " << issue.code);
            CHECK(row.clear.find("teapot") == std::string::npos);  // what she wrote is sealed
            out.push_back(std::move(*document));
        }
        return out;
    }
    std::string status() { return std::string(cases().at(0).root().find("status").text()); }

    service::Rulebook book;
};

}  // namespace

TEST_CASE("a message that needs an answer opens one case, and staff hears of it", "[service]") {
    Desk f;
    auto result = f.say("m1", "My teapot is broken");
    CHECK(result.enqueued == 2);
    auto cases = f.cases();
    REQUIRE(cases.size() == 1);
    auto root = cases[0].root();
    CHECK(root.find("kind").text() == "complaint");
    CHECK(root.find("description").text() == "My teapot is broken");
    CHECK(root.find("resolve_due").text() == "2026-11-25T09:00:00.000Z");
    CHECK(root.find("number").text().size() == 13);
    CHECK(root.at_path("interaction_refs[0].id").text() == record_uid(*f.blind, {"mail", "messages", "m1"}).text());
    CHECK(root.at_path("contact_ref.id").text() == record_uid(*f.blind, {"mail", "people", "ann"}).text());
    CHECK(f.round("desk") == 1);
    CHECK(f.round("chat") == 1);
    CHECK(f.connectors["chat"]->pushed.at(0).json.find("teapot") == std::string::npos);
    // The same once more: nothing.
    CHECK(f.say("m1", "My teapot is broken").enqueued == 0);
    // Changed afterwards: the message is in its case already.
    CHECK(f.say("m1", "My teapot is really broken", "", "2026-11-23T09:00:01Z").enqueued == 0);
    CHECK(f.cases().size() == 1);
}

TEST_CASE("a message that needs none opens none", "[service]") {
    Desk f;
    f.say("m1", "Thank you");
    f.say("m2", "You won the lottery, broken?");
    f.say("m3", "It is broken", R"("direction":"outbound")");
    f.say("m4", "It was broken", "", "2026-11-17T09:00:00Z");  // too old
    CHECK(f.cases().empty());
    std::uint64_t queued = 0;
    for (const auto& one : f.stats().destinations) queued += one.queued;
    CHECK(queued == 0);
}

TEST_CASE("what follows in a conversation joins its case", "[service]") {
    Desk f;
    f.say("m1", "Can it be repaired?");
    CHECK(f.say("m2", "It is broken!", "", "2026-11-23T10:00:00Z").enqueued == 2);
    CHECK(f.say("m3", "Hello", "", "2026-11-23T11:00:00Z").enqueued == 2);
    CHECK(f.say("m4", "lottery", "", "2026-11-23T11:30:00Z").enqueued == 0);  // ignored
    auto cases = f.cases();
    REQUIRE(cases.size() == 1);
    auto root = cases[0].root();
    CHECK(root.find("kind").text() == "question");
    CHECK(root.find("priority").text() == "high");
    CHECK(root.find("interaction_refs").size() == 3);
    CHECK(root.find("description").text() ==
          "Can it be repaired?\n\n--- 2026-11-23 10:00 UTC ---\nIt is broken!\n\n--- 2026-11-23 11:00 UTC ---\nHello");
    CHECK(root.at_path("history[1].note").text() == "the customer wrote again; rule complaint: pattern 1");
}

TEST_CASE("another conversation, and another person below one public post, have cases of their own", "[service]") {
    Desk f;
    f.say("m1", "broken");
    f.batch("mail", "messages", "m3", R"({"who":"ann","thread":"t3","text":"broken","at":"2026-11-23T09:00:00Z"})");
    CHECK(f.cases().size() == 2);
    for (auto who : {"bob", "eve", "bob"})
        f.batch("mail", "messages", std::string("p-") + who,
                std::string(
                    R"({"kind":"social_comment","thread":"post","text":"broken","at":"2026-11-23T09:00:00Z","who":")") +
                    who + "\"}");
    CHECK(f.cases().size() == 4);
}

TEST_CASE("somebody else's words are not kept in a customer's case", "[service]") {
    Desk f;
    f.say("m1", "broken");
    f.batch("mail", "messages", "m2", R"({"who":"bob","thread":"t1","text":"mine too","at":"2026-11-23T10:00:00Z"})");
    auto cases = f.cases();
    REQUIRE(cases.size() == 1);
    CHECK(cases[0].root().find("description").text() == "broken");
    CHECK(cases[0].root().at_path("history[1].note").text() == "somebody else wrote in this conversation");
    // The same customer under another contact of the source.
    f.batch(
        "mail", "messages", "m3",
        R"({"id":"ann-2","who":"ann","email":"ann@example.com","thread":"t1","text":"still","at":"2026-11-23T11:00:00Z"})");
    CHECK(f.stats().customers == 2);
    CHECK(f.cases().at(0).root().find("description").text() == "broken\n\n--- 2026-11-23 11:00 UTC ---\nstill");
}

TEST_CASE("what the service desk reports changes the case, and neither makes one nor goes back", "[service]") {
    Desk f;
    f.say("m1", "broken");
    REQUIRE(f.round("desk") == 1);
    f.round("chat");
    auto id = "r-1";
    CHECK(f.report(id, "new", "2026-11-23T12:10:00Z").enqueued == 0);
    auto done = f.report(id, "closed", "2026-11-23T12:20:00Z");
    CHECK(done.enqueued == 0);  // not to the desk, which said it, nor to staff, to whom it is no news
    CHECK(f.status() == "closed");
    CHECK(f.cases().at(0).root().find("closed_at").text() == "2026-11-23T12:20:00.000Z");
    CHECK(f.report("99", "new", "2026-11-23T12:20:00Z").enqueued == 0);  // the desk's own case has no message of ours
    REQUIRE(f.cases().size() == 1);

    // The customer comes back within the window: reopened, told to both.
    f.clock.advance(24h * 4);
    CHECK(f.say("m2", "hello?", "", "2026-11-27T12:00:00Z").enqueued == 2);
    auto root = f.cases();
    REQUIRE(root.size() == 1);
    CHECK(root[0].root().find("status").text() == "reopened");
    CHECK(root[0].root().find("reopened_count").integer() == 1);
    CHECK_FALSE(root[0].root().find("closed_at"));
    CHECK(f.report(id, "new", "2026-11-27T12:10:00Z").enqueued == 0);
    CHECK(f.report(id, "closed", "2026-11-27T12:20:00Z").enqueued == 0);

    // And after it: a new one, whose place is found again.
    f.clock.advance(24h * 11);
    CHECK(f.say("m3", "broken again", "", "2026-12-08T13:00:00Z").enqueued == 2);
    CHECK(f.cases().size() == 2);
    CHECK(f.say("m4", "and?", "", "2026-12-08T14:00:00Z").enqueued >= 1);
    CHECK(f.cases().size() == 2);
}

TEST_CASE("a privacy request has a case of its own, whatever else is going on", "[service]") {
    Desk f;
    f.say("m1", "broken");
    f.say("m2", "erase me, lottery", "", "2026-11-23T10:00:00Z");
    auto cases = f.cases();
    REQUIRE(cases.size() == 2);
    CHECK(cases[1].root().find("kind").text() == "privacy_request");
    CHECK(cases[1].root().find("resolve_due").text() == "2026-12-23T10:00:00.000Z");
    CHECK(cases[1].root().at_path("tags[0]").text() == "privacy_officer");
    CHECK(cases[0].root().find("interaction_refs").size() == 2);
    f.say("m3", "erase me now", "", "2026-11-23T11:00:00Z");
    CHECK(f.cases().size() == 2);
    CHECK(f.cases()[1].root().find("resolve_due").text() == "2026-12-23T10:00:00.000Z");
    // However old it is.
    f.batch("mail", "messages", "m9", R"({"who":"bob","thread":"t9","text":"erase me","at":"2024-01-31T10:00:00Z"})");
    CHECK(f.cases().size() == 3);
}

TEST_CASE("messages of one page come in the order in which they were written", "[service]") {
    Desk f;
    Batch all;
    all.connection = "mail";
    for (auto [id, text, at] :
         {std::tuple{"m2", "and now?", "2026-11-23T10:00:00Z"}, std::tuple{"m1", "broken", "2026-11-23T09:00:00Z"}})
        all.records.push_back(
            {"messages",
             {id, std::string(R"({"who":"ann","thread":"t1","text":")") + text + R"(","at":")" + at + "\"}", false}});
    REQUIRE(f.process->process(std::move(all)));
    auto cases = f.cases();
    REQUIRE(cases.size() == 1);
    CHECK(cases[0].root().find("kind").text() == "complaint");
    CHECK(cases[0].root().find("interaction_refs").size() == 2);
}

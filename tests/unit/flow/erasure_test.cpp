// Erasure from the inside: what is removed, what comes back, what a delivery does with an erased person's item, and a
// process that dies between any two stages.
#include "gateway/flow/erasure.hpp"
#include "gateway/flow/request_sweep.hpp"

#include <catch2/catch.hpp>

#include "gateway/audit/signed_note.hpp"
#include "gateway/flow/access_pack.hpp"
#include "gateway/flow/retention.hpp"
#include "gateway/record/timestamp.hpp"
#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;
using consent::RequestAct;

namespace {

class ErasureFixture : public WorldFixture {
  public:
    ErasureFixture() {
        deliver("crm", "service.order");
        take("shop", "1", person("ann@example.com"));
        take("shop", "2", person("ben@example.com"));
        take_order("shop", "1", "processing");
        tools.remainders = {{"order", std::chrono::days{3650}, "placed_at", {"placed_at", "currency", "total"}}};
        tools.inbox_is_past = [this](Timestamp) -> Result<bool> { return inbox_is_past; };
        tools.sign = [](std::string_view text) { return std::string(text); };
        tools.patience = 0ms;
        clock.advance(std::chrono::days{60});  // what the sources told is older than every erasure
    }
    static std::string person(const std::string& email) {
        return R"({"name":"Ann Lee","email":")" + email + R"(","at":"2026-01-05T10:00:00Z"})";
    }
    Uid approved(std::vector<Uid> customers) {
        consent::SubjectRequest request;
        request.kind = consent::RequestKind::erasure;
        request.customers = std::move(customers);
        request.requested_by = "anna";
        const auto kept = receive_request(*world, request);
        REQUIRE(kept);
        const auto uid = kept->request.uid;
        for (auto type : {RequestAct::Type::attest, RequestAct::Type::scope, RequestAct::Type::approve})
            REQUIRE(act_on_request(*world, uid,
                                   {.type = type,
                                    .by = type == RequestAct::Type::approve ? "dora" : "anna",
                                    .text = "seen",
                                    .at = clock.now()},
                                   "act"));
        return uid;
    }
    consent::RequestState erase(const Uid& request) {
        const auto kept = run_erasure(*world, tools, request, "anna");
        INFO((kept ? "" : kept.error().text()));
        REQUIRE(kept);
        return kept->request.state;
    }
    ErasureProgress progress(const Uid& request) {
        return ErasureProgress::parse(load_request(*world, request)->progress).value();
    }
    ErasureTools tools;
    bool inbox_is_past = true;
};

}  // namespace

TEST_CASE("an erasure removes one person and nobody else", "[subject][req24]") {
    ErasureFixture f;
    const auto ann = f.uid("shop", "1"), ben = f.uid("shop", "2");
    const auto request = f.approved({ann});
    CHECK(f.erase(request) == consent::RequestState::completed);
    const auto done = f.progress(request);
    CHECK(done.removed.at("source_record") == 2);
    CHECK(done.removed.at("item") == 1);
    CHECK(done.removed.at("subject_key") >= 1);
    CHECK(done.sampled >= 2);
    CHECK(done.samples.empty());
    CHECK(load_customer(*f.world, ann).error().fault == Fault::not_found);
    CHECK(load_customer(*f.world, ben));
    CHECK(f.stats().customers == 1);
}

TEST_CASE("who was erased stays out until they act themselves", "[subject]") {
    ErasureFixture f;
    f.erase(f.approved({f.uid("shop", "1")}));
    SECTION("the same record") {
        const auto result = f.take("shop", "1", f.person("ann@example.com"));
        CHECK(result.refused == 1);
        CHECK(result.changed == 0);
    }
    SECTION("another record with the same address") {
        CHECK(f.take("erp", "9", f.person("ann@example.com")).refused == 1);
    }
    SECTION("an old order") {
        CHECK(f.take_order("shop", "1", "processing").refused >= 1);
        CHECK(f.stats().customers == 1);
    }
    SECTION("somebody else") {
        CHECK(f.take("shop", "3", f.person("cid@example.com")).refused == 0);
        CHECK(f.stats().customers == 2);
    }
    SECTION("a record that is broken leaves no dead letter") {
        CHECK(f.take("shop", "1", R"({"name":"Ann Lee","email":"no address","at":"2026-01-05T10:00:00Z"})").changed ==
              0);
        CHECK(f.stats().dead_letters == 0);
    }
    SECTION("a new order brings them back") {
        f.clock.advance(24h);
        const auto at = record::timestamp_text(f.clock.now());
        f.take("shop", "new", R"({"at":")" + at + R"(","who":"1","status":"processing"})", "orders");
        CHECK(f.take("shop", "1", f.person("ann@example.com")).refused == 0);
        CHECK(f.stats().customers == 2);
    }
}

TEST_CASE("an erasure goes on where it stopped", "[subject]") {
    ErasureFixture f;
    const auto request = f.approved({f.uid("shop", "1")});
    f.inbox_is_past = false;
    CHECK(f.erase(request) == consent::RequestState::partially_done);
    CHECK(f.progress(request).stage == ErasureStage::barred);
    REQUIRE(f.progress(request).waits_for.size() == 1);
    CHECK(f.take("shop", "1", f.person("ann2@example.com")).refused == 1);
    f.inbox_is_past = true;
    CHECK(f.erase(request) == consent::RequestState::completed);
    CHECK(f.progress(request).waits_for.empty());
    CHECK_FALSE(run_erasure(*f.world, f.tools, request, "anna"));
}

TEST_CASE("an item of somebody who was erased is done, not sent and not withheld", "[subject]") {
    ErasureFixture f;
    const auto request = f.approved({f.uid("shop", "1")});
    f.inbox_is_past = false;  // it is barred, and its item waits still
    f.erase(request);
    f.round("crm");
    f.round("crm");
    REQUIRE(f.connectors["crm"]->pushed.size() == 1);
    CHECK(f.connectors["crm"]->pushed[0].json.find("ben@example.com") != std::string::npos);
    const auto stats = f.stats();
    CHECK(stats.withheld == 0);
    CHECK(stats.dead_letters == 0);
    CHECK(stats.destinations.at(0).queued == 0);
}

TEST_CASE("a destination that was told keeps an erasure open", "[subject]") {
    ErasureFixture f;
    f.round("crm");
    f.round("crm");
    const auto request = f.approved({f.uid("shop", "1")});
    CHECK(f.erase(request) == consent::RequestState::partially_done);
    const auto certificate = f.progress(request).certificate;
    CHECK(certificate.find(R"("complete":false)") != std::string::npos);
    const auto tasks = f.read<std::vector<store::PropagationTask>>([&](store::ReadSession& session) {
        store::PropagationFilter filter;
        filter.request = request;
        return session.propagation().list(filter, 0, 9);
    });
    REQUIRE(tasks.size() == 1);
    CHECK(tasks[0].task.destination == "crm");
    CHECK(tasks[0].task.kind == store::TaskKind::erase);
    REQUIRE(f.store->write([&](store::Session& session) {
        return session.propagation().close(tasks[0].id, "done by hand", f.clock.now());
    }));
    CHECK(f.erase(request) == consent::RequestState::completed);
    CHECK(f.progress(request).certificate.find(R"("complete":true)") != std::string::npos);
}

TEST_CASE("who is under legal hold stays until it ends, the others of the request go", "[subject][req24]") {
    ErasureFixture f;
    const auto ann = f.uid("shop", "1"), ben = f.uid("shop", "2");
    const auto people = people_of(*f.world, std::vector{ann});
    REQUIRE(people);
    REQUIRE(f.store->write([&](store::Session& session) {
        const store::SubjectMark mark{
            store::MarkKind::held, people->subjects.front(), "lawsuit 7", std::nullopt, "anna", f.clock.now()};
        return session.subject_marks().put(std::span(&mark, 1));
    }));
    // Her alone: nothing happens yet, and nothing is refused.
    const auto alone = f.approved({ann});
    CHECK(f.erase(alone) == consent::RequestState::partially_done);
    CHECK(f.progress(alone).stage == ErasureStage::none);
    CHECK(load_customer(*f.world, ann));
    CHECK(f.take("shop", "1", ErasureFixture::person("ann@example.com")).refused == 0);

    const auto both = f.approved({ann, ben});
    CHECK(f.erase(both) == consent::RequestState::partially_done);
    CHECK(load_customer(*f.world, ann));
    CHECK_FALSE(load_customer(*f.world, ben));
    CHECK(f.progress(both).waits_for.size() == 1);
    CHECK(f.progress(both).certificate.find("lawsuit 7") != std::string::npos);
    CHECK(f.erase(both) == consent::RequestState::partially_done);  // it is still on

    // The daily sweep goes on by itself once the hold has ended.
    auto swept = sweep_requests(*f.world, f.tools);
    REQUIRE(swept);
    CHECK(swept->resumed == 0);
    REQUIRE(f.store->write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.subject_marks().remove(store::MarkKind::held, people->subjects));
        return {};
    }));
    swept = sweep_requests(*f.world, f.tools);
    REQUIRE(swept);
    CHECK(swept->resumed == 2);  // by one of them; the other finds that she is gone
    CHECK(f.progress(alone).waits_for.empty());
    CHECK(f.progress(both).waits_for.empty());
    CHECK_FALSE(load_customer(*f.world, ann));
    CHECK_FALSE(load_customer(*f.world, ben));
}

TEST_CASE("a request whose person was never proven ends with its time", "[subject]") {
    ErasureFixture f;
    consent::SubjectRequest request;
    request.kind = consent::RequestKind::access;
    request.customers = {f.uid("shop", "1")};
    request.requested_by = "anna";
    const auto open = receive_request(*f.world, request);
    REQUIRE(open);
    request.customers = {f.uid("shop", "2")};
    const auto proven = receive_request(*f.world, request);
    REQUIRE(proven);
    REQUIRE(act_on_request(*f.world, proven->request.uid,
                           {.type = RequestAct::Type::attest, .by = "anna", .text = "seen", .at = f.clock.now()},
                           "verify"));
    CHECK(sweep_requests(*f.world, f.tools)->expired == 0);
    f.clock.advance(std::chrono::days{32});
    CHECK(sweep_requests(*f.world, f.tools)->expired == 1);
    CHECK(load_request(*f.world, open->request.uid)->request.state == consent::RequestState::expired);
    CHECK(load_request(*f.world, proven->request.uid)->request.state == consent::RequestState::verified);
    CHECK(sweep_requests(*f.world, f.tools)->expired == 0);
}

TEST_CASE("a restricted person's data go nowhere", "[subject]") {
    ErasureFixture f;
    const auto people = people_of(*f.world, std::vector{f.uid("shop", "1")});
    REQUIRE(f.store->write([&](store::Session& session) {
        const store::SubjectMark mark{
            store::MarkKind::restricted, people->subjects.front(), "request", std::nullopt, "anna", f.clock.now()};
        return session.subject_marks().put(std::span(&mark, 1));
    }));
    f.round("crm");
    f.round("crm");
    CHECK(f.connectors["crm"]->pushed.size() == 1);
    CHECK(f.stats().withheld == 1);
}

TEST_CASE("what is kept for the law is what is named, and nothing else", "[subject]") {
    const RemainderRule rule{"order", 1h, "placed_at", {"total", "lines.sku", "lines.quantity"}};
    const auto record = value::parse_json(
        R"({"number":"A-1","total":{"minor":5},"lines":[{"sku":"x","name":"for Ann","quantity":"1"}]})");
    REQUIRE(record);
    const auto kept = remainder_of(rule, record->root());
    CHECK(value::to_json(kept.root()) == R"({"lines":[{"sku":"x","quantity":"1"}],"total":{"minor":5}})");
    CHECK(remainder_of({"order", 1h, "placed_at", {"tax"}}, record->root()).empty());
}

TEST_CASE("an access pack is safe to open", "[subject]") {
    const auto pack =
        value::parse_json(R"x({"person":[{"name":"=HYPERLINK(1)","note":"<script>alert(1)</script>"}]})x");
    REQUIRE(pack);
    const auto csv = access_csv(pack->root());
    CHECK(csv.find("'=HYPERLINK") != std::string::npos);
    const auto html = access_html(pack->root());
    CHECK(html.find("<script>") == std::string::npos);
    CHECK(html.find("&lt;script&gt;") != std::string::npos);
    const auto zip = value::pack_zip(access_files(consent::RequestKind::access, pack->root()), "a passphrase");
    REQUIRE(zip);
    CHECK(zip->starts_with("PK"));
    CHECK(zip->find("HYPERLINK") == std::string::npos);
}

TEST_CASE("retention removes what is due and not held", "[subject][req22]") {
    ErasureFixture f;
    const RetentionRules rules{{{"order", {24h}}}, {}, 24h};
    const auto due = [&](bool dry_run) {
        const auto reports = run_retention(*f.world, rules, dry_run);
        REQUIRE(reports);
        return reports->front();
    };
    f.clock.advance(std::chrono::days{1000});
    auto report = due(true);
    CHECK(report.due == 1);
    CHECK(report.overdue() == 1);
    report = due(false);
    CHECK(report.removed == 1);
    CHECK(report.overdue() == 0);
    CHECK(due(false).due == 0);
    CHECK(f.stats().customers == 2);
}

TEST_CASE("requirement 22: what still waits for a destination, and a case that is open, outlast their term",
          "[subject]") {
    ErasureFixture f;
    auto& orders = f.deliver("erp", "service.order");
    orders.name = "erp-orders";
    orders.entity = "order";
    f.take_order("shop", "2", "processing");
    f.clock.advance(std::chrono::days{4000});
    const RetentionRules rules{record_policies({{"interaction", {}}}), {std::chrono::days{30}}, 24h};
    const auto of_orders = [&] {
        const auto reports = run_retention(*f.world, rules, false);
        REQUIRE(reports);
        const auto found = std::ranges::find(*reports, "records of order", &PolicyReport::policy);
        REQUIRE(found != reports->end());
        CHECK(found->overdue() == 0);
        return std::tuple(found->due, found->removed, found->waiting);
    };
    CHECK(of_orders() == std::tuple(2, 1, 1));
    CHECK(of_orders() == std::tuple(1, 0, 1));
    while (f.round("erp") > 0) {
    }
    CHECK(of_orders() == std::tuple(1, 1, 0));
    // A case: open, then closed.
    f.world->connections.at("shop").streams.at("people").plan = f.plan(R"(
mapping: test/cases
to: case
fields: { number: id, status: status, subject: about, opened_at: at, updated_at: at }
)");
    const auto cases_left = [&](const std::string& status) {
        f.take("shop", "c1",
               R"({"id":"c1","status":")" + status + R"(","about":"it broke","at":"2026-02-01T10:00:00Z"})");
        REQUIRE(run_retention(*f.world, rules, false));
        return f.read<std::size_t>([](store::ReadSession& session) -> Result<std::size_t> {
            TRY(const auto rows, session.records().list("case", 0, 10));
            return rows.size();
        });
    };
    CHECK(cases_left("open") == 1);
    CHECK(cases_left("closed") == 0);
}

TEST_CASE("requirement 22: records and letters have a term unless it is set otherwise", "[subject]") {
    const auto text_of = [](const std::vector<RecordPolicy>& policies) {
        std::string text;
        for (const auto& policy : policies) text += policy.entity + " " + policy.keep.text() + "; ";
        return text;
    };
    CHECK(text_of(record_policies({})) ==
          "interaction 730d; feedback 730d; lead 365d; opportunity 1095d; case 1095d; order 3650d; payment 3650d; ");
    CHECK(text_of(record_policies({{"order", {}}, {"product", {std::chrono::days{30}}}})) ==
          "order forever; product 30d; interaction 730d; feedback 730d; lead 365d; opportunity 1095d; case 1095d; "
          "payment 3650d; ");
}

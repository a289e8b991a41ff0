#include "gateway/flow/process.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;

namespace {

constexpr auto kAnn = R"({"name":"Ann Lee","email":"ann@example.com","at":"2026-01-05T10:00:00Z"})";
constexpr auto kAnnLater = R"({"name":"Ann Lee-Ray","email":"ann@example.com","at":"2026-02-05T10:00:00Z"})";

store::Customer only_customer(WorldFixture& f) {
    return f.read<store::Customer>([](store::ReadSession& session) -> Result<store::Customer> {
        TRY(auto customers, session.identity().list_customers(Uid{}, 10));
        if (customers.size() != 1) return fail(Fault::internal, std::to_string(customers.size()) + " customers");
        return customers.front();
    });
}

}  // namespace

TEST_CASE("a record that did not change is not written and not sent", "[process]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    auto first = f.take("shop", "1", kAnn);
    CHECK(first.changed == 1);
    CHECK(first.enqueued == 1);
    auto again = f.take("shop", "1", kAnn);
    CHECK(again.changed == 0);
    CHECK(again.unchanged == 1);
    CHECK(again.enqueued == 0);
}

TEST_CASE("an older form than the stored one is left alone", "[process]") {
    WorldFixture f;
    f.take("shop", "1", kAnnLater);
    auto late = f.take("shop", "1", kAnn);
    CHECK(late.stale == 1);
    CHECK(late.changed == 0);
}

TEST_CASE("a change that comes after the clock was set back is the newer one, where the source dates none",
          "[process]") {
    WorldFixture f;
    f.take("shop", "1", R"({"name":"Ann Lee"})");
    f.clock.set(f.clock.now() - 24h);
    auto later = f.take("shop", "1", R"({"name":"Ann Lee-Ray"})");
    CHECK(later.stale == 0);
    CHECK(later.changed == 1);

    // Of two webhooks the one that came first, before the clock was set back, is taken up last.
    Batch first;
    first.connection = "shop";
    first.records.push_back({"people", {"1", R"({"name":"Ann"})", false}, f.clock.now() - 1min});
    const auto taken = f.process->process(std::move(first));
    REQUIRE(taken);
    CHECK(taken->stale == 1);
}

TEST_CASE("a change is never sent back to where it came from", "[process]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    f.deliver("shop", "service.order");
    CHECK(f.take("shop", "1", kAnn).enqueued == 1);
    CHECK(f.round("shop") == 0);
    CHECK(f.round("crm") == 1);
}

TEST_CASE("a broken record is quarantined once, and ends when it comes good", "[process]") {
    WorldFixture f;
    auto broken = R"({"email":"ann@example.com","at":"yesterday"})";
    CHECK(f.take("shop", "1", broken).quarantined == 1);
    CHECK(f.take("shop", "1", broken).quarantined == 0);
    CHECK(f.stats().dead_letters == 1);
    auto cause = f.read<std::string>([](store::ReadSession& session) -> Result<std::string> {
        TRY(auto letters, session.dead_letters().list({}, 0, 10));
        return letters.front().cause;
    });
    CHECK(cause.find("name.full") != std::string::npos);   // every issue is named,
    CHECK(cause.find("updated_at") != std::string::npos);  // not just the first,
    CHECK(cause.find("yesterday") == std::string::npos);   // and no value
    f.take("shop", "1", kAnn);
    CHECK(f.stats().dead_letters == 0);
}

TEST_CASE("marketing waits for consent and goes out once it is given", "[process][consent]") {
    WorldFixture f;
    f.deliver("crm", "marketing.email").channel = consent::Channel::email;
    CHECK(f.take("shop", "1", kAnn).withheld == 1);
    CHECK(f.stats().withheld == 1);
    auto given =
        f.take("shop", "2",
               R"({"id":"2","name":"Ann Lee","email":"ann@example.com","at":"2025-11-06T10:00:00Z","news":"granted"})");
    // Both records are one customer now, so the grant covers her.
    CHECK(f.stats().customers == 1);
    INFO("enqueued " << given.enqueued << " withheld " << given.withheld);
    CHECK(given.enqueued + given.withheld >= 1);
}

TEST_CASE("an address that bounced is not mailed, whoever holds it, until its owner says yes again",
          "[process][consent]") {
    WorldFixture f;
    f.deliver("crm", "marketing.email").channel = consent::Channel::email;
    f.world->connections.at("shop").streams.at("people").plan = f.plan(R"(
mapping: test/agreed
to: contact
fields: { name.full: name, emails: [email], updated_at: { from: at, format: rfc3339 } }
consent:
  - when: agreed
    fields:
      contact_ref: id
      purpose: { value: marketing.email }
      channel: { value: email }
      event_state: { value: given }
      event_time: { from: agreed, format: rfc3339 }
      origin: { value: subject }
      proof.kind: { value: doi_token }
      doi.confirmed_at: { from: agreed, format: rfc3339 }
)");
    // Without a name no rule links this record to Ann.
    f.world->connections.at("erp").streams.at("people").plan = f.plan(R"(
mapping: test/returned
to: contact
fields: { emails: [address], updated_at: { from: at, format: rfc3339 } }
consent:
  - when: at
    fields:
      contact_ref: address
      purpose: { value: marketing.email }
      channel: { value: email }
      event_state: { from: what }
      event_time: { from: at, format: rfc3339 }
      origin: { value: system }
)");
    auto ann = [&](std::string_view name, std::string_view agreed) {
        return f.take("shop", "1",
                      R"({"id":"1","name":")" + std::string(name) + R"(","email":"Ann@example.com","at":")" +
                          std::string(agreed) + R"(","agreed":")" + std::string(agreed) + R"("})");
    };
    auto what = GENERATE(as<std::string>{}, "invalidated", "withdrawn");
    CHECK(ann("Ann Lee", "2025-03-01T10:00:00Z").enqueued == 1);
    f.take("erp", "ann@example.com",
           R"({"address":"ann@example.com","at":"2025-04-01T10:00:00Z","what":")" + what + R"("})");
    CHECK(f.round("crm") == 1);
    CHECK(f.connectors.at("crm")->pushed.empty());  // it was on its way, and is stopped
    CHECK(ann("Ann Lee-Fox", "2025-03-02T10:00:00Z").withheld > 0);
    CHECK(ann("Ann Fox", "2025-05-01T10:00:00Z").enqueued > 0);
    CHECK(f.round("crm") == 1);
    CHECK(f.connectors.at("crm")->pushed.size() == 1);
}

TEST_CASE("what is withheld from two customers is withheld once when they turn out to be one", "[process][consent]") {
    WorldFixture f;
    f.deliver("crm", "marketing.email").channel = consent::Channel::email;
    f.take("shop", "1", kAnn);
    f.take("erp", "77", R"({"name":"Ann Lee","email":"ann2@example.com","at":"2026-01-06T10:00:00Z"})");
    CHECK(f.stats().withheld == 2);
    f.take("erp", "77", R"({"name":"Ann Lee","email":"ann@example.com","at":"2026-01-07T10:00:00Z"})");
    CHECK(f.stats().customers == 1);
    CHECK(f.stats().withheld == 1);
}

TEST_CASE("records with one verified address are one customer; separated by hand they are as before",
          "[process][identity]") {
    WorldFixture f;
    f.take("shop", "1", kAnn);
    auto before = only_customer(f).golden_hash;
    f.take("erp", "77",
           R"({"name":"Ann Lee","email":"ann@example.com","phone":"+4930123456","at":"2026-03-01T00:00:00Z"})");
    CHECK(f.stats().customers == 1);
    auto merged = only_customer(f).golden_hash;
    CHECK(merged != before);
    store::ManualPair pair{f.uid("shop", "1"), f.uid("erp", "77"), store::PairRule::cannot_link, "test", f.clock.now()};
    REQUIRE(f.store->write([&](store::Session& session) { return session.identity().put_pairs(std::span(&pair, 1)); }));
    REQUIRE(f.process->relink_records({f.uid("shop", "1"), f.uid("erp", "77")}));
    CHECK(f.stats().customers == 2);
    auto uid = f.uid("shop", "1");
    auto now = f.read<store::Digest>([&](store::ReadSession& session) -> Result<store::Digest> {
        TRY(auto customers, session.identity().customers(std::span(&uid, 1)));
        return customers.front()->golden_hash;
    });
    CHECK(now == before);
    REQUIRE(f.store->write([&](store::Session& session) { return session.identity().remove_pair(pair.a, pair.b); }));
    REQUIRE(f.process->relink_records({pair.a, pair.b}));
    CHECK(only_customer(f).golden_hash == merged);
}

TEST_CASE("a stale fence keeps the whole batch out", "[process]") {
    WorldFixture f;
    Batch batch;
    batch.connection = "shop";
    batch.records.push_back({"people", {"1", kAnn, false}});
    batch.fence = Batch::Fence{"sync:shop/people", 99, std::chrono::minutes{1}};
    auto result = f.process->process(std::move(batch));
    REQUIRE_FALSE(result);
    CHECK(result.error().fault == Fault::conflict);
    CHECK(f.stats().records == 0);
}

TEST_CASE("no personal value is readable in the store's files", "[process][security]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    f.take("shop", "1", R"({"name":"Zebediah Quillfeather","email":"zq@canary.example","at":"2026-01-05T10:00:00Z"})");
    f.take("shop", "2", R"({"email":"zq@canary.example","at":"nonsense"})");  // also in a dead letter
    f.store->stop();
    for (const auto& file : std::filesystem::directory_iterator(f.folder)) {
        std::ifstream in(file.path(), std::ios::binary);
        std::string bytes((std::istreambuf_iterator<char>(in)), {});
        INFO(file.path());
        CHECK(bytes.find("Quillfeather") == std::string::npos);
        CHECK(bytes.find("canary.example") == std::string::npos);
    }
}

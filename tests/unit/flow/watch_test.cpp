// What is counted, judged and told: the tally of refusals, the watcher and the notifier.
#include <catch2/catch.hpp>

#include "gateway/base/base64.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/flow/act_tally.hpp"
#include "gateway/flow/alert_notifier.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/watcher.hpp"
#include "gateway/value/json.hpp"
#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;

namespace {

struct WatchFixture : WorldFixture {
    std::vector<std::string> entries(const std::string& action) {
        std::vector<std::string> found;
        for (const auto& entry :
             read<std::vector<audit::Entry>>([](store::ReadSession& session) { return session.audit().read(0, 1000); }))
            if (const auto act = act_of(entry); act && act->action == action) found.push_back(entry.bytes);
        return found;
    }
    void act(const std::string& action, const ActDetails& details) {
        const auto entry = audit_entry(clock, "user", "ann", action, details);
        REQUIRE(store->write([&](store::Session& session) -> Result<void> {
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
    }
    std::vector<store::Alert> alerts(bool open = true) {
        return read<std::vector<store::Alert>>(
            [=](store::ReadSession& session) { return session.alerts().list(open, 0, 100); });
    }
    void acknowledge(std::int64_t id) {
        REQUIRE(store->write(
            [&](store::Session& session) { return session.alerts().acknowledge(id, "ann", "", clock.now()); }));
    }
    watch::Figures now() {
        watch::Figures figures;
        figures.now = clock.now();
        return figures;
    }
};

// Keeps what was posted; answers with `status`.
struct Posted final : net::HttpClient {
    std::vector<net::HttpRequest> requests;
    int status = 200;
    run::Task<net::HttpResult> send(net::HttpRequest request, const net::HttpOptions&) override {
        requests.push_back(std::move(request));
        net::HttpResponse response;
        response.status = status;
        co_return response;
    }
};

}  // namespace

TEST_CASE_METHOD(WatchFixture, "refusals by the thousand are few entries with their count", "[flow][watch]") {
    ActTally tally(clock);
    const ActDetails forged{{"connection", "shop"}, {"reason", "signature_mismatch"}};
    for (int i = 0; i < 1000; ++i) tally.count("webhook.refused", forged);
    REQUIRE(tally.flush(*store));
    REQUIRE(entries("webhook.refused").size() == 1);
    CHECK(entries("webhook.refused")[0].find(R"("count":"1000")") != std::string::npos);
    for (int i = 0; i < 50; ++i) {
        tally.count("webhook.refused", forged);
        clock.advance(1s);
        REQUIRE(tally.flush(*store));
    }
    CHECK(entries("webhook.refused").size() == 1);
    clock.advance(11s);
    REQUIRE(tally.flush(*store));
    REQUIRE(entries("webhook.refused").size() == 2);
    CHECK(entries("webhook.refused")[1].find(R"("count":"50")") != std::string::npos);
    // Kinds that others choose are bounded too.
    for (int i = 0; i < 5000; ++i) tally.count("egress.block", {{"host", std::to_string(i)}});
    REQUIRE(tally.flush(*store, true));
    CHECK(entries("egress.block").size() <= ActTally::kKinds + 1);
    // What a stopped store did not take is kept, and nothing is lost silently.
    tally.count("webhook.refused", {{"connection", "crm"}});
    store->stop();
    CHECK_FALSE(tally.flush(*store, true));
}

TEST_CASE_METHOD(WatchFixture, "signs become alerts, once, and again after a person closed them", "[flow][watch]") {
    watch::Limits limits;
    limits.canaries = {"c"};
    act("customer.read", {{"customer", "c"}});  // before anybody watched
    Watcher watcher(*world, limits, 4h);
    REQUIRE(watcher.look(now()));
    CHECK(alerts().empty());
    // A stop before the next look loses nothing.
    CHECK(read<std::optional<std::string>>(
              [](store::ReadSession& session) { return session.marks().get("watch.seen"); }) == "1");
    act("customer.read", {{"customer", "other"}});
    act("customer.read", {{"customer", "c"}});
    act("customer.read", {{"customer", "c"}});
    REQUIRE(watcher.look(now()));
    REQUIRE(alerts().size() == 1);
    CHECK(alerts()[0].rule == "canary_read");
    CHECK(alerts()[0].subject == "ann");
    CHECK(alerts()[0].times == 2);
    CHECK(entries("alert.raised").size() == 1);
    REQUIRE(watcher.look(now()));
    CHECK(alerts()[0].times == 2);
    acknowledge(alerts()[0].id);
    // While no gateway ran.
    act("customer.read", {{"customer", "c"}});
    Watcher next(*world, limits, 4h);
    REQUIRE(next.look(now()));
    REQUIRE(alerts().size() == 1);
    CHECK(alerts()[0].times == 1);
    CHECK(alerts(false).size() == 2);
}

TEST_CASE_METHOD(WatchFixture, "a condition that lasts is quiet after it was acknowledged", "[flow][watch]") {
    Watcher watcher(*world, {}, 4h);
    const auto full = [&] {
        auto figures = now();
        figures.disk_free = 1;
        figures.disk_size = 1000;
        REQUIRE(watcher.look(figures));
    };
    full();
    REQUIRE(alerts().size() == 1);
    acknowledge(alerts()[0].id);
    clock.advance(1h);
    full();
    CHECK(alerts().empty());
    clock.advance(4h);
    full();
    CHECK(alerts().size() == 1);
}

TEST_CASE_METHOD(WatchFixture, "of several gateways on one store one has a duty, until it is done or dead",
                 "[flow][watch]") {
    Duty one(*world, "alerts"), other(*world, "alerts"), reports(*world, "report.weekly");
    CHECK((*one.begin() && *other.begin()));  // each on a store of its own
    store->others = true;
    CHECK(*one.begin());
    CHECK_FALSE(*other.begin());
    CHECK(*reports.begin());
    REQUIRE(one.end());
    CHECK(*other.begin());
    CHECK_FALSE(*one.begin());
    clock.advance(Duty::kTurn + 1s);
    CHECK(*one.begin());
    REQUIRE(other.end());  // late: it ends nothing of the other's
    CHECK_FALSE(*other.begin());
}

TEST_CASE_METHOD(WatchFixture, "alerts are posted, signed, until they are taken", "[flow][watch]") {
    Posted http;
    AlertNotifier notifier(
        *world, http,
        {.gateway = "acme",
         .webhook = AlertWebhook{"https://alerts.example/", [] { return Result<std::string>("whsec_a2V5"); }, {}},
         .mail = {},
         .repeat = 4h});
    const auto raise = [&] {
        REQUIRE(store->write([&](store::Session& session) -> Result<void> {
            CHECK_OK(
                session.alerts().raise({"disk_full", "", "critical", "5 MB are free"}, clock.now(), Timestamp::max()));
            return {};
        }));
    };
    const auto tell = [&] { run::run_blocking(loop, notifier.tell()); };
    tell();
    CHECK(http.requests.empty());
    raise();
    http.status = 500;
    tell();
    REQUIRE(http.requests.size() == 1);
    tell();
    CHECK(http.requests.size() == 1);  // it rests
    clock.advance(31s);
    http.status = 204;
    tell();
    REQUIRE(http.requests.size() == 2);
    const auto request = http.requests[1];
    CHECK(*request.header("webhook-id") == *http.requests[0].header("webhook-id"));
    const auto code =
        crypto::hmac(crypto::Hash::sha256, "key",
                     *request.header("webhook-id") + "." + *request.header("webhook-timestamp") + "." + request.body);
    CHECK(*request.header("webhook-signature") == "v1," + to_base64(code));
    const auto body = value::parse_json(request.body);
    REQUIRE(body);
    CHECK(body->root().find("rule").text() == "disk_full");
    CHECK(body->root().find("gateway").text() == "acme");
    tell();
    CHECK(http.requests.size() == 2);
    // What goes on is told again, when its time has come.
    clock.advance(1h);
    raise();
    tell();
    CHECK(http.requests.size() == 2);
    clock.advance(4h);
    tell();
    REQUIRE(http.requests.size() == 3);
    CHECK(*http.requests[2].header("webhook-id") != *request.header("webhook-id"));
}

#include "gateway/flow/ingest.hpp"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "gateway/flow/inbox_worker.hpp"
#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;

namespace {

// A hook that knows nothing before its keys are fetched; each body is its own delivery, and says what happens to it.
class Keyed final : public connector::Connector, public connector::Hook, public connector::HookKeys {
  public:
    const connector::Hook* hook() const override { return this; }
    connector::HookKeys* hook_keys() override { return this; }
    run::Task<Result<void>> check() override { co_return Result<void>{}; }

    run::Task<> fetch() override {
        ++fetches;
        known = reachable;
        co_return;
    }
    std::optional<Result<connector::InboundAnswer>> challenge(const connector::InboundRequest& request,
                                                              Timestamp) const override {
        if (request.method != "GET") return std::nullopt;
        if (!known) return fail(Fault::transient, std::string(connector::kKeysNeeded));
        return connector::InboundAnswer{200, "text/plain", "echo"};
    }
    Result<void> verify(const connector::InboundRequest& request, Timestamp) const override {
        if (!known)
            return fail(Fault::transient, std::string(fetches ? connector::kKeysUnavailable : connector::kKeysNeeded));
        if (request.body == "forged") return fail(Fault::unauthorized, "signature_mismatch");
        if (request.body == "unset") return fail(Fault::bad_config, "a setting is missing");
        return {};
    }
    Result<std::string> delivery_id(const connector::InboundRequest& request) const override { return request.body; }
    Result<std::string> topic(const connector::InboundRequest&) const override { return "mailbox"; }
    Result<std::vector<connector::InboundEvent>> decode(const std::string& topic, const std::string&) const override {
        return std::vector{connector::InboundEvent{.topic = topic, .stream = "people", .record = {}, .news = true}};
    }

    int fetches = 0;
    bool known = false, reachable = true;
};

// Bodies name people who changed; who they are is fetched. One is about a stream that has no mapping too.
class Thin final : public connector::Connector, public connector::Hook, public connector::Source {
  public:
    const connector::Hook* hook() const override { return this; }
    connector::Source* source() override { return this; }
    run::Task<Result<void>> check() override { co_return Result<void>{}; }
    std::optional<Result<connector::InboundAnswer>> challenge(const connector::InboundRequest&,
                                                              Timestamp) const override {
        return std::nullopt;
    }
    Result<void> verify(const connector::InboundRequest&, Timestamp) const override { return {}; }
    Result<std::string> delivery_id(const connector::InboundRequest& request) const override { return request.body; }
    Result<std::string> topic(const connector::InboundRequest&) const override { return "changed"; }
    Result<std::vector<connector::InboundEvent>> decode(const std::string& topic,
                                                        const std::string& body) const override {
        std::vector<connector::InboundEvent> events;
        if (body.starts_with("mixed"))
            events.push_back({.topic = topic, .stream = "orders", .record = {.external_id = "9", .json = "{}"}});
        // "p1 again" is about p1.
        const auto id = body.substr(0, body.find(' '));
        events.push_back({.topic = topic, .stream = "people", .record = {id, "\"" + id + "\""}, .thin = true});
        return events;
    }
    run::Task<Result<connector::Page>> pull(std::string, connector::Cursor) override {
        co_return connector::Page{.last = true};
    }
    run::Task<Result<connector::SourceRecord>> fetch(std::string, std::string id) override {
        ++fetches;
        if (failure) co_return fail(*failure);
        co_return connector::SourceRecord{id, R"({"name":"Ann","email":")" + id + R"(@example.com"})"};
    }

    int fetches = 0;
    std::optional<Error> failure;
};

struct IngestScene {
    IngestScene() : IngestScene(std::make_unique<Keyed>()) { keyed = static_cast<Keyed*>(connector); }
    explicit IngestScene(std::unique_ptr<connector::Connector> owned) {
        Connection connection;
        connection.name = "box";
        connector = owned.get();
        connection.connector = std::move(owned);
        connection.streams.emplace("people", Stream{"people", f.plan(WorldFixture::kPeople), std::nullopt, false});
        f.world->connections.emplace("box", std::move(connection));
    }
    static net::InboundHttp request(std::string body, std::string method = "POST") {
        return {.method = std::move(method), .target = "/hooks/box", .headers = {}, .body = std::move(body)};
    }
    net::HttpResponse send(std::string body, std::string method = "POST") {
        return run::run_blocking(f.loop, ingest.handle(request(std::move(body), std::move(method))));
    }

    WorldFixture f;
    connector::Connector* connector = nullptr;
    Keyed* keyed = nullptr;
    WebhookRefusals refusals;
    Ingest ingest{*f.world, "https://hooks.example.com", f.loop.executor(), refusals};
};

}  // namespace

TEST_CASE("a webhook whose sender's keys are lacking waits for them and is then judged", "[ingest]") {
    IngestScene scene;
    CHECK(scene.send("one").status == 202);
    CHECK(scene.keyed->fetches == 1);
    CHECK(scene.send("two").status == 202);
    CHECK(scene.keyed->fetches == 1);
    const auto forged = scene.send("forged");
    CHECK(forged.status == 401);
    CHECK(forged.body == "signature_mismatch\n");
    CHECK(scene.send("unset").body == "not_ready\n");
    CHECK(scene.refusals.reasons() ==
          std::map<std::string, std::uint64_t>{{"not_ready", 1}, {"signature_mismatch", 1}});
}

TEST_CASE("while the keys cannot be had the sender is asked to come back", "[ingest]") {
    IngestScene scene;
    scene.keyed->reachable = false;
    const auto answer = scene.send("one");
    CHECK(answer.status == 503);
    CHECK(answer.body == "keys_unavailable\n");
    REQUIRE(answer.header("Retry-After"));
    CHECK(scene.refusals.reasons() == std::map<std::string, std::uint64_t>{{"keys_unavailable", 1}});
    scene.keyed->known = true;
    CHECK(scene.send("one").status == 202);
}

TEST_CASE("a sender does not wait for a commit for ever, and what came of it shows when it sends again", "[ingest]") {
    IngestScene scene;
    scene.keyed->known = true;
    scene.f.store->silent = true;
    std::optional<net::HttpResponse> answer;
    boost::asio::co_spawn(scene.f.loop.executor(), scene.ingest.handle(scene.request("one")),
                          [&](std::exception_ptr, auto response) { answer = std::move(response); });
    scene.f.loop.run_ready();
    CHECK_FALSE(answer);
    scene.f.timers.advance(IngestLimits{}.longest_commit);
    while (scene.f.loop.run_ready() > 0) {
    }
    REQUIRE(answer);
    CHECK(answer->status == 503);
    CHECK(answer->body == "store_busy\n");
    CHECK(answer->header("Retry-After"));
    scene.f.store->silent = false;
    CHECK(scene.send("one").status == 200);
}

TEST_CASE("a handshake that needs the keys waits for them too", "[ingest]") {
    IngestScene scene;
    const auto answer = scene.send("", "GET");
    CHECK(answer.status == 200);
    CHECK(answer.body == "echo");
    CHECK(scene.keyed->fetches == 1);
}

TEST_CASE("what a webhook has news of is told once it is kept and taken in", "[ingest]") {
    IngestScene scene;
    std::vector<std::string> told;
    InboxWorker inbox(*scene.f.world, *scene.f.process);
    inbox.on_news = [&](const std::string& connection, const std::string& stream) {
        told.push_back(connection + "/" + stream);
    };
    CHECK(scene.send("one").status == 202);
    CHECK(scene.send("two").status == 202);
    CHECK(scene.send("two").status == 200);  // a redelivery
    std::size_t taken = 0;
    for (int i = 0; i < 3; ++i) taken += run::run_blocking(scene.f.loop, inbox.round()).value();
    CHECK(taken == 2);
    REQUIRE_FALSE(told.empty());
    for (const auto& each : told) CHECK(each == "box/people");
    const auto before = told.size();
    CHECK(run::run_blocking(scene.f.loop, inbox.round()).value() == 0);
    CHECK(told.size() == before);
}

TEST_CASE(
    "a thin webhook whose fetch is refused for good is a dead letter; one that may yet work waits longer each time",
    "[ingest]") {
    IngestScene scene(std::make_unique<Thin>());
    auto& thin = static_cast<Thin&>(*scene.connector);
    InboxWorker inbox(*scene.f.world, *scene.f.process);
    const auto round = [&] { return run::run_blocking(scene.f.loop, inbox.round()).value(); };
    CHECK(scene.send("p1").status == 202);
    SECTION("for good") {
        thin.failure = Error{GENERATE(Fault::bad_input, Fault::refused), "the other side answered with HTTP 400", {}};
        CHECK(round() == 1);
        CHECK(scene.f.stats().dead_letters == 1);
        scene.f.clock.advance(std::chrono::hours(1));
        CHECK(round() == 0);
        CHECK(thin.fetches == 1);
    }
    SECTION("for now") {
        thin.failure = Error{GENERATE(Fault::transient, Fault::bad_config), "nobody answers", {}};
        for (int i = 0; i < 3600; ++i) {
            round();
            scene.f.clock.advance(std::chrono::seconds(1));
        }
        // 10, 20, 40 seconds and so on, up to ten minutes.
        CHECK(thin.fetches >= 8);
        CHECK(thin.fetches <= 13);
        CHECK(scene.f.stats().dead_letters == 0);
        thin.failure.reset();
        scene.f.clock.advance(std::chrono::minutes(11));
        CHECK(round() == 1);
        CHECK(scene.f.stats().records == 1);
    }
}

TEST_CASE("what a body tells of a stream without a mapping is kept, and the rest of it taken in", "[ingest]") {
    IngestScene scene(std::make_unique<Thin>());
    InboxWorker inbox(*scene.f.world, *scene.f.process);
    CHECK(scene.send("mixed-1").status == 202);
    CHECK(run::run_blocking(scene.f.loop, inbox.round()).value() == 1);
    CHECK(scene.f.stats().records == 1);
    CHECK(scene.f.stats().dead_letters == 1);
    const auto cause = scene.f.read<std::string>([](store::ReadSession& session) -> Result<std::string> {
        TRY(auto letters, session.dead_letters().list({}, 0, 10));
        return letters.front().cause;
    });
    CHECK(cause.contains("stream orders, which has no mapping"));
}

TEST_CASE("who is gone when a thin webhook is fetched is deleted, though nothing is known of them any more",
          "[ingest]") {
    IngestScene scene(std::make_unique<Thin>());
    InboxWorker inbox(*scene.f.world, *scene.f.process);
    const auto round = [&] { return run::run_blocking(scene.f.loop, inbox.round()).value(); };
    CHECK(scene.send("p1").status == 202);
    CHECK(round() == 1);
    static_cast<Thin&>(*scene.connector).failure = Error{Fault::not_found, "the other side answered with HTTP 404", {}};
    CHECK(scene.send("p1 again").status == 202);
    CHECK(round() == 1);
    CHECK(scene.f.stats().dead_letters == 0);
    const auto gone = scene.f.read<bool>([&](store::ReadSession& session) -> Result<bool> {
        const auto uid = scene.f.uid("box", "p1");
        TRY(auto rows, session.records().load(std::span(&uid, 1)));
        return rows.at(0) && rows.at(0)->header.deleted;
    });
    CHECK(gone);
}

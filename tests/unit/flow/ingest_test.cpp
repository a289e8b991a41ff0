#include "gateway/flow/ingest.hpp"

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

struct IngestScene {
    IngestScene() {
        Connection connection;
        connection.name = "box";
        auto owned = std::make_unique<Keyed>();
        keyed = owned.get();
        connection.connector = std::move(owned);
        connection.streams.emplace("people", Stream{"people", f.plan(WorldFixture::kPeople), std::nullopt, false});
        f.world->connections.emplace("box", std::move(connection));
    }
    net::HttpResponse send(std::string body, std::string method = "POST") {
        net::InboundHttp request{
            .method = std::move(method), .target = "/hooks/box", .headers = {}, .body = std::move(body)};
        return run::run_blocking(f.loop, ingest.handle(std::move(request)));
    }

    WorldFixture f;
    Keyed* keyed = nullptr;
    Ingest ingest{*f.world, "https://hooks.example.com", f.loop.executor()};
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
    CHECK(scene.ingest.refusals() == std::map<std::string, std::uint64_t>{{"not_ready", 1}, {"signature_mismatch", 1}});
}

TEST_CASE("while the keys cannot be had the sender is asked to come back", "[ingest]") {
    IngestScene scene;
    scene.keyed->reachable = false;
    const auto answer = scene.send("one");
    CHECK(answer.status == 503);
    CHECK(answer.body == "keys_unavailable\n");
    REQUIRE(answer.header("Retry-After"));
    CHECK(scene.ingest.refusals() == std::map<std::string, std::uint64_t>{{"keys_unavailable", 1}});
    scene.keyed->known = true;
    CHECK(scene.send("one").status == 202);
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

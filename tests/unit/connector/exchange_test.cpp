#include "gateway/connector/declarative/exchange.hpp"

#include <catch2/catch.hpp>

#include "gateway/connector/rate_budgets.hpp"
#include "gateway/connector/registry.hpp"
#include "gateway/spec/load.hpp"
#include "tests/fakes/scripted_http.hpp"
#include "tests/unit/connector/setup_world.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

// Answers after the loop has run everything else: so that several calls wait for the same log-in.
class SlowHttp final : public net::HttpClient {
  public:
    int logins = 0, reads = 0;
    int status = 200;
    run::Task<net::HttpResult> send(net::HttpRequest request, const net::HttpOptions&) override {
        const bool login = request.url.ends_with("/login");
        ++(login ? logins : reads);
        for (int i = 0; i < 20; ++i)
            co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
        if (login) co_return net::HttpResponse{.status = status, .body = R"({"token":"t"})"};
        co_return net::HttpResponse{.status = 200, .body = "[]"};
    }
};

Definition definition_of(std::string_view yaml) {
    spec::Problems problems;
    auto out = spec::load_text<Definition>(yaml, "test.yaml", problems);
    if (out) out->check_all(nullptr, problems);
    INFO(problems.text());
    REQUIRE(problems.ok());
    return *std::move(out);
}

std::string problems_of(std::string_view yaml) {
    spec::Problems problems;
    auto out = spec::load_text<Definition>(yaml, "test.yaml", problems);
    if (out) out->check_all(nullptr, problems);
    return problems.text();
}

constexpr std::string_view kSession = R"(
base_url: https://api.example.com
auth: { type: session, login: { path: /login, body: { p: "{credentials.p}" } }, save: { token: token }, attach: { headers: { X-T: "{session.token}" } } }
)";

run::Task<> call_into(Exchange& exchange, const RequestTemplate& request, std::vector<Exchange::Outcome>& out) {
    out.push_back(co_await exchange.call(request, exchange.scope(), {}));
}

}  // namespace

TEST_CASE("ten calls at the same time make one log-in and share its outcome", "[exchange]") {
    SetupWorld world;
    for (const int status : {200, 401}) {
        SlowHttp http;
        http.status = status;
        const auto definition = definition_of(kSession);
        Exchange exchange(definition, world.setup(http), nullptr);
        REQUIRE(exchange.prepare());
        RequestTemplate request;
        request.path = Template::compile("/x").value();
        std::vector<Exchange::Outcome> outcomes;
        for (int i = 0; i < 10; ++i) world.loop.spawn(call_into(exchange, request, outcomes));
        while (world.loop.run_ready() > 0) continue;
        REQUIRE(outcomes.size() == 10);
        CHECK(http.logins == 1);
        CHECK(http.reads == (status == 200 ? 10 : 0));
        for (const auto& each : outcomes) {
            CHECK(each.has_value() == (status == 200));
            if (!each) CHECK(each.error().error.fault == Fault::unauthorized);
        }
    }
}

TEST_CASE("one budget for each credential, and a throttled call rests all who share it", "[exchange]") {
    SetupWorld world;
    RateBudgets budgets;
    const auto first = budgets.get("shop", {.capacity = 2, .refill_per_second = 1}, world.timers);
    CHECK(budgets.get("shop", {.capacity = 99, .refill_per_second = 1}, world.timers) == first);
    CHECK(budgets.get("other", {.capacity = 2, .refill_per_second = 1}, world.timers) != first);

    const auto definition = definition_of(
        "{ base_url: 'https://api.example.com', rate_budget: { capacity: 2, refill: 1/s, signals: { used: { header: "
        "X-Used, matches: '^([0-9]+)/' }, of: { header: X-Used, matches: '/([0-9]+)$' } } } }");
    fakes::ScriptedHttp http;
    Exchange sync(definition, world.setup(http), first), delivery(definition, world.setup(http), first);
    REQUIRE(sync.prepare());
    REQUIRE(delivery.prepare());
    RequestTemplate request;
    http.script.push_back({.answer = {.status = 429, .headers = {{"Retry-After", "60"}}}});
    const auto throttled = run::run_blocking(world.loop, sync.call(request, sync.scope(), {}));
    REQUIRE_FALSE(throttled);
    CHECK(throttled.error().error.retry_after == std::chrono::seconds(60));
    // Nothing is sent for the other one: it is told how long to stay away.
    const auto resting = run::run_blocking(world.loop, delivery.call(request, delivery.scope(), {}));
    REQUIRE_FALSE(resting);
    CHECK(resting.error().error.fault == Fault::rate_limited);
    CHECK(resting.error().error.retry_after == std::chrono::seconds(60));
    world.clock.advance(std::chrono::seconds(61));
    http.script.push_back({.answer = {.status = 200, .headers = {{"X-Used", "2/2"}}}});
    CHECK(run::run_blocking(world.loop, delivery.call(request, delivery.scope(), {})));
    // The server counts more than we do.
    std::vector<Exchange::Outcome> outcomes;
    http.script.push_back({.answer = {.status = 200}});
    world.loop.spawn(call_into(sync, request, outcomes));
    while (world.loop.run_ready() > 0) continue;
    CHECK(outcomes.empty());
    CHECK(world.timers.sleeping() == 1);
    world.timers.advance(std::chrono::seconds(5));
    while (world.loop.run_ready() > 0) continue;
    CHECK(outcomes.size() == 1);
}

TEST_CASE("a host that the connector refuses to call is told, so that it becomes an alert", "[exchange]") {
    SetupWorld world;
    fakes::ScriptedHttp http;
    std::vector<std::string> told;
    auto setup = world.setup(http);
    setup.on_refused_host = [&](const std::string& host) { told.push_back(host); };
    const auto definition = definition_of("{ base_url: 'https://api.example.com' }");
    Exchange exchange(definition, std::move(setup), nullptr);
    REQUIRE(exchange.prepare());
    const auto outcome = run::run_blocking(
        world.loop, exchange.get_public("https://elsewhere.example/keys", std::chrono::seconds(5), 1000));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().error.fault == Fault::refused);
    CHECK(told == std::vector<std::string>{"elsewhere.example"});
}

TEST_CASE("what waited for the budget is looked at again when its turn has come", "[exchange]") {
    SetupWorld world;
    RateBudgets budgets;
    const auto budget = budgets.get("shop", {.capacity = 1, .refill_per_second = 1}, world.timers);
    const auto definition =
        definition_of("{ base_url: 'https://api.example.com', rate_budget: { capacity: 1, refill: 1/s } }");
    fakes::ScriptedHttp http;
    Exchange exchange(definition, world.setup(http), budget);
    REQUIRE(exchange.prepare());
    const RequestTemplate request;
    int looks = 0;
    bool wanted = true;
    const Exchange::Options options{.look_again = [&]() -> run::Task<bool> {
        ++looks;
        return [](bool it_is) -> run::Task<bool> { co_return it_is; }(wanted);
    }};
    http.script.push_back({.answer = {.status = 200}});
    CHECK(run::run_blocking(world.loop, exchange.call(request, exchange.scope(), options)));
    CHECK(looks == 1);
    std::optional<Exchange::Outcome> late;
    boost::asio::co_spawn(world.loop.executor(), exchange.call(request, exchange.scope(), options),
                          [&](std::exception_ptr, Exchange::Outcome outcome) { late = std::move(outcome); });
    while (world.loop.run_ready() > 0) continue;
    CHECK(looks == 1);
    wanted = false;
    world.timers.advance(std::chrono::seconds(1));
    while (world.loop.run_ready() > 0) continue;
    CHECK(looks == 2);
    REQUIRE((late && !*late));
    CHECK(late->error().error.what == run::Hold::kTooLate);
    CHECK_FALSE(late->error().ambiguous);
}

TEST_CASE("a budget goes on under the next configuration, unless its limits changed", "[exchange]") {
    SetupWorld world;
    RateBudgets before, next;
    const auto shop = before.get("shop", {.capacity = 2, .refill_per_second = 1}, world.timers);
    const auto erp = before.get("erp", {.capacity = 2, .refill_per_second = 1}, world.timers);
    next.go_on_from(before);
    CHECK(next.get("shop", {.capacity = 2, .refill_per_second = 1}, world.timers) == shop);
    CHECK(next.get("erp", {.capacity = 9, .refill_per_second = 1}, world.timers) != erp);
}

TEST_CASE("a wrong definition is told with its place and what would be right", "[definition]") {
    struct Case {
        std::string_view yaml, expected;
    };
    const Case cases[] = {
        {"base_url: x\nstremas: {}", "test.yaml:2:1"},
        {"base_url: x\nstremas: {}", "did you mean streams"},
        {"streams:\n  a: { request: { path: /x }, key: id }", "base_url is missing"},
        {"base_url: x\nstreams:\n  a: { request: { path: '/{cursr}' }, key: id, cursor: { field: m, parameter: p } }",
         "did you mean 'cursor'"},
        {"base_url: x\nstreams:\n  a: { request: { path: '/{cursr}' }, key: id, cursor: { field: m, parameter: p } }",
         "test.yaml:3:"},
        {"base_url: x\nstreams:\n  a: { request: { path: / }, key: id, cursor: { field: m } }",
         "the cursor is never sent"},
        {"base_url: x\nstreams:\n  a: { request: { path: / }, key: id, pages: { type: cursor } }", "type"},
        {"base_url: x\nactions:\n  a: { idempotency: none }", "either request or steps"},
        {"base_url: x\nactions:\n  a: { idempotency: maybe, request: { path: / } }", "idempotency"},
        {"base_url: x\nactions:\n  a: { idempotency: none, request: { path: '/{saved.id}' } }", "saved"},
        {"base_url: x\nerrors: [ { when: { body: { path: a } }, fault: none } ]", "say what is tested"},
        {"base_url: x\nerrors: [ { when: { body: { path: a, matches: '(' } }, fault: none } ]", "regular expression"},
        {"base_url: x\nrate_budget: { capacity: 1, refill: 2/week }", "2/s"},
        {"base_url: '{session.url}'\nauth: { type: oauth2, grant: password, token_url: t, client_id: c, save: { url: "
         "url } }",
         "allowed_hosts is missing"},
        {"webhooks: { delivery_id: x, topic: y }", "verify is missing"},
        {"base_url: x\nauth: { type: oauth1 }", "auth"},
    };
    for (const auto& each : cases) {
        INFO(each.yaml);
        const auto text = problems_of(each.yaml);
        INFO(text);
        CHECK(text.find(each.expected) != std::string::npos);
    }
}

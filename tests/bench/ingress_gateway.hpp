// The gateway's own way in for webhooks of a shop: HTTP server, the shopify connector's verification, sealing, the
// engine's store.
#pragma once

#include <fmt/format.h>

#include <cstdlib>

#include "gateway/connector/registry.hpp"
#include "gateway/flow/ingest.hpp"
#include "gateway/net/http_server.hpp"
#include "tests/bench/engine.hpp"
#include "tests/bench/ingress_load.hpp"

namespace bench {

// Webhooks call nobody.
class NoNetwork final : public tributary::net::HttpClient {
  public:
    tributary::run::Task<tributary::net::HttpResult> send(tributary::net::HttpRequest,
                                                          const tributary::net::HttpOptions&) override {
        co_return std::unexpected(
            tributary::net::HttpFailure{{tributary::Fault::refused, "this bench calls nobody"}, false});
    }
};

inline tributary::flow::Connection make_connection(Engine& engine, const tributary::connector::Registry& registry,
                                                   tributary::net::HttpClient& http) {
    using namespace tributary;
    value::Builder settings;
    settings.begin_object().key("shop").text("acme-eu").end();
    connector::Setup setup{
        .connection = "webshop",
        .settings = settings.take(),
        .credential = [](std::string_view) -> Result<crypto::SecretBytes> {
            return crypto::SecretBytes(kWebhookSecret);
        },
        .directory = engine.directory.path(),
        .topics = {},
        .budget_key = "webshop",
        .network = {},
        .http = http,
        .timers = engine.timers,
        .blocking = engine.pool,
        .random = engine.random,
        .log = engine.log,
    };
    flow::Connection connection;
    connection.name = "webshop";
    connection.connector_name = "shopify";
    connection.connector = must(registry.build("shopify", std::move(setup)));
    return connection;
}

// Requests answered in a second.
inline double through_gateway(Engine& engine, Load& load, double seconds) {
    using namespace tributary;
    NoNetwork http;
    spec::Problems problems;
    connector::Registry registry;
    registry.load_file(TRIBUTARY_SOURCE_DIR "/connectors/ecommerce/shopify/connector.yaml", problems);
    if (!problems.ok()) fmt::print(stderr, "{}", problems.text()), std::exit(1);
    engine.world->connections.emplace("webshop", make_connection(engine, registry, http));
    // A disk that is slow for a moment would otherwise make the gateway refuse on purpose.
    flow::WebhookRefusals refusals;
    flow::Ingest ingest(*engine.world, "https://hooks.acme.example", {}, refusals,
                        {.max_queued = 1'000'000, .max_webhook_p95 = std::chrono::minutes{1}});
    net::HttpServer server({.max_requests = ~0ULL, .max_connections_per_ip = 100'000}, engine.clock,
                           [&](net::InboundHttp request) { return ingest.handle(std::move(request)); });
    must(server.start());
    const double rate = load.drive(server.port(), seconds).rate();
    server.stop(std::chrono::seconds{1});
    return rate;
}

}  // namespace bench

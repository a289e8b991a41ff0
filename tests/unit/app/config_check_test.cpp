#include "gateway/app/config_check.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "gateway/record/load_model.hpp"

using namespace tributary;

namespace {

// One connector that is there for this test alone, so that shipped ones may change.
constexpr std::string_view kConnector = R"(connector: shop
title: Shop
family: ecommerce
verified: written
settings:
  shop: { type: text, required: true, pattern: "^[a-z-]+$", description: its name }
credentials:
  token: { secret: true, description: its token }
base_url: https://{settings.shop}.shop.example
auth: { type: header, name: X-Token, value: "{credentials.token}" }
streams:
  orders:
    request: { path: /orders.json }
    records: orders
    key: id
webhooks:
  verify: { type: hmac, algorithm: sha256, over: "{body}", header: X-Signature, encoding: base64, key: "{credentials.token}" }
  delivery_id: "{header.X-Id}"
  topic: "{header.X-Topic}"
  topics:
    orders/create: { stream: orders }
    customers/redact: { stream: redactions, key: id }
actions:
  update_customer: { request: { method: PUT, path: "/customers/{remote_id}.json", body: { customer: "{record}" } }, idempotency: natural_key }
)";

struct Shop {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("tributary-check-" + std::to_string(::getpid()));
    connector::Registry registry;
    Shop() {
        std::filesystem::create_directories(folder / "ecommerce/shop");
        std::ofstream(folder / "ecommerce/shop/connector.yaml") << kConnector;
        spec::Problems problems;
        registry.load(folder, problems);
        INFO(problems.text());
        REQUIRE(problems.ok());
    }
    ~Shop() { std::filesystem::remove_all(folder); }
};

std::string problems_of(const std::string& text) {
    Shop shop;
    consent::PurposeRegistry purposes(
        {consent::Purpose{.key = "service.order"},
         consent::Purpose{.key = "marketing.email", .channels = {consent::Channel::email}}});
    spec::Problems problems;
    const auto model = record::load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems);
    auto config =
        spec::load_text<app::Config>("gateway: { name: acme, public_url: https://a.example }\n" + text, "f", problems);
    INFO(problems.text());
    REQUIRE(problems.ok());
    app::check_config(*config, {shop.registry, purposes, {"shop/order"}, *model}, problems);
    return problems.text();
}

}  // namespace

TEST_CASE("a config whose names all exist has no problem", "[config]") {
    CHECK(problems_of("connections:\n"
                      "  a:\n"
                      "    connector: shop\n"
                      "    settings: { shop: acme }\n"
                      "    credentials: { token: \"${secret:a#token}\" }\n"
                      "    webhooks: { topics: [orders/create] }\n"
                      "    streams: { orders: { mapping: shop/order } }\n"
                      "deliveries:\n"
                      "  - { name: d, to: a, entity: contact, action: update_customer, purpose: marketing.email, "
                      "channel: email }\n") == "");
}

TEST_CASE("every name that does not exist is reported with the nearest one", "[config]") {
    CHECK(problems_of("connections:\n"
                      "  a:\n"
                      "    connector: shop\n"
                      "    settings: { shop: acme }\n"
                      "    webhooks: { topics: [orders/creat] }\n"
                      "    streams: { order: { mapping: shop/ordr } }\n"
                      "  b: { connector: shp }\n"
                      "deliveries:\n"
                      "  - { name: d, to: a, entity: contct, action: update_custmer, purpose: service.ordr, mapping: "
                      "shop/ordr }\n"
                      "  - { name: e, to: a, entity: order, action: update_customer, purpose: marketing.email, "
                      "channel: sms }\n") ==
          "f:3:3: connections.a: connector shop needs the credential 'token'\n"
          "f:6:26: connections.a.webhooks.topics[0]: there is no topic of connector shop 'orders/creat'; did you mean "
          "orders/create?\n"
          "f:7:16: connections.a.streams.order: there is no stream of connector shop 'order'; did you mean orders?\n"
          "f:7:34: connections.a.streams.order.mapping: there is no mapping 'shop/ordr'; did you mean shop/order?\n"
          "f:8:19: connections.b.connector: there is no connector 'shp'; did you mean shop?\n"
          "f:10:31: deliveries[0].entity: there is no entity 'contct'; did you mean contact?\n"
          "f:10:47: deliveries[0].action: there is no action of connector shop 'update_custmer'; did you mean "
          "update_customer?\n"
          "f:10:72: deliveries[0].purpose: there is no purpose 'service.ordr'; did you mean service.order?\n"
          "f:10:95: deliveries[0].mapping: there is no mapping 'shop/ordr'; did you mean shop/order?\n"
          "f:11:72: deliveries[1].purpose: purpose marketing.email is not for the channel sms\n");
}

TEST_CASE("a stream that comes by webhook alone has a mapping and no schedule", "[config]") {
    const std::string config =
        "connections:\n"
        "  a:\n"
        "    connector: shop\n"
        "    settings: { shop: acme }\n"
        "    credentials: { token: \"${secret:a#token}\" }\n"
        "    streams: { redactions: { mapping: shop/order";
    CHECK(problems_of(config + " } }\n") == "");
    const auto problems = problems_of(config + ", schedule: \"@daily\" } }\n");
    CHECK(problems.contains("stream redactions of connector shop comes by webhook alone: it has no schedule"));
}

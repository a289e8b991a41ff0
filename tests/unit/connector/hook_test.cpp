#include "gateway/connector/declarative/hook.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "gateway/base/base64.hpp"
#include "gateway/connector/registry.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/spec/load.hpp"
#include "tests/fakes/scripted_http.hpp"
#include "tests/unit/connector/shipped.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

const Timestamp kArrivedAt{std::chrono::seconds{1767607200}};

struct Shop {
    FakeClock clock{kArrivedAt};
    run::FakeTimers timers{clock};
    run::Pool pool{"blocking", 1};
    crypto::SeededRandom random{1};
    Log log{LogLevel::off};
    fakes::ScriptedHttp http;
    Registry registry;
    std::unique_ptr<Connector> connector;

    Shop(std::string_view family, std::string_view name, std::string_view settings) {
        spec::Problems problems;
        registry.load_file(test::kShippedConnectors / family / name / "connector.yaml", problems);
        INFO(problems.text());
        REQUIRE(problems.ok());
        Setup setup{.connection = "shop",
                    .settings = value::parse_json(settings).value(),
                    .http = http,
                    .timers = timers,
                    .blocking = pool,
                    .random = random,
                    .log = log};
        setup.credential = [](std::string_view) -> Result<crypto::SecretBytes> { return crypto::SecretBytes("hush"); };
        auto built = registry.build(name, std::move(setup));
        if (!built) FAIL(built.error().text());
        connector = *std::move(built);
        REQUIRE(connector->hook());
    }
    const Hook& hook() const { return *connector->hook(); }
};

std::string sign(std::string_view body) {
    return to_base64(crypto::hmac(crypto::Hash::sha256, "hush", body));
}

}  // namespace

TEST_CASE("a signed shopify order becomes an event of its stream", "[hook]") {
    Shop shop("ecommerce", "shopify", R"({"shop":"acme"})");
    const std::string body = R"({"id":450789469,"name":"#1001"})";
    InboundRequest request{
        "POST",
        "https://hooks/x",
        "/x",
        {{"x-shopify-hmac-sha256", sign(body)}, {"X-Shopify-Topic", "orders/create"}, {"X-Shopify-Webhook-Id", "w-1"}},
        body};
    CHECK_FALSE(shop.hook().challenge(request, kArrivedAt));
    CHECK(shop.hook().verify(request, kArrivedAt));
    CHECK(shop.hook().delivery_id(request).value().starts_with("w-1:-"));
    CHECK(shop.hook().topic(request).value() == "orders/create");
    const auto events = shop.hook().decode("orders/create", body).value();
    REQUIRE(events.size() == 1);
    CHECK(events[0].stream == "orders");
    CHECK(events[0].record.external_id == "450789469");
    CHECK(events[0].record.json == body);
    CHECK_FALSE(events[0].record.deleted);

    request.body += " ";
    CHECK(shop.hook().verify(request, kArrivedAt).error().fault == Fault::unauthorized);
    CHECK(shop.hook().decode("orders/delete", R"({"id":7})").value().at(0).record.deleted);
    CHECK(shop.hook().decode("orders/edited", "{}").value().empty());
    const auto redact = shop.hook().decode("customers/redact", R"({"shop_id":1,"customer":{"id":9}})").value();
    CHECK(redact.at(0).record.external_id == "9");
    CHECK(redact.at(0).record.deleted);
    CHECK(shop.hook().decode("shop/redact", R"({"shop_id":1})").value().at(0).stream == "shop_redactions");

    CHECK(shop.hook().decode("orders/creat", body).error().what.find("orders/create") != std::string::npos);
    for (const auto* bad : {"", "{", "[1", "{\"id\":1,\"id\":2}", "{\"name\":\"no key\"}", "\xff"}) {
        INFO(bad);
        CHECK(shop.hook().decode("orders/create", bad).error().fault == Fault::bad_input);
    }
}

TEST_CASE("woocommerce's ping is answered 200 and deliveries of one second stay apart", "[hook]") {
    Shop shop("ecommerce", "woocommerce", R"({"url":"https://shop.example.com"})");
    const auto ping = shop.hook().challenge({"POST", "", "/", {}, "webhook_id=12"}, kArrivedAt);
    REQUIRE(ping);
    CHECK(ping->value().status == 200);
    const auto request = [](const std::string& body) {
        return InboundRequest{"POST",
                              "",
                              "/",
                              {{"X-WC-Webhook-Signature", sign(body)},
                               {"X-WC-Webhook-Topic", "order.updated"},
                               {"X-WC-Webhook-ID", "3"},
                               {"X-WC-Webhook-Delivery-ID", "same"}},
                              body};
    };
    const auto one = request(R"({"id":1})"), two = request(R"({"id":2})");
    CHECK(shop.hook().verify(one, kArrivedAt));
    CHECK(shop.hook().delivery_id(one).value() != shop.hook().delivery_id(two).value());
    CHECK(shop.hook().delivery_id(one).value() == shop.hook().delivery_id(request(R"({"id":1})")).value());
    CHECK(shop.hook().accepted(kArrivedAt).value().status == 200);
    CHECK(shop.hook().decode("order.deleted", R"({"id":1})").value().at(0).record.deleted);
}

TEST_CASE("a body with events of several topics is split, and forms and XML are read", "[hook]") {
    crypto::SeededRandom random(1);
    spec::Problems problems;
    const auto definition = spec::load_text<Definition>(R"(
webhooks:
  verify: { type: none, because: test }
  delivery_id: "{json[0].eventId}"
  topic: batch
  split: { records: ".", topic: subscriptionType }
  topics:
    contact.creation: { stream: contacts, thin: true, key: objectId }
    contact.deletion: { stream: contacts, deleted: true, key: objectId }
    "*": { ignore: true }
)",
                                                        "test.yaml", problems);
    INFO(problems.text());
    REQUIRE(definition);
    const DeclarativeHook hook(*definition, {}, {}, random);
    const auto events =
        hook.decode(
                "batch",
                R"([{"subscriptionType":"contact.creation","objectId":5},{"subscriptionType":"deal.creation","objectId":6},
        {"subscriptionType":"contact.deletion","objectId":7}])")
            .value();
    REQUIRE(events.size() == 2);
    CHECK(events[0].thin);
    CHECK(events[0].topic == "contact.creation");
    CHECK(events[1].record.external_id == "7");
    CHECK(events[1].record.deleted);

    const auto open = spec::load_text<Definition>(
        R"(webhooks: { verify: { type: none, because: test }, delivery_id: d, topic: t })", "test.yaml", problems);
    REQUIRE(open);
    const DeclarativeHook any(*open, {}, {}, random);
    CHECK(any.decode("sms", "id=SM1&Body=hi+there").value().at(0).record.json == R"({"id":"SM1","Body":"hi there"})");
    CHECK(any.decode("t", "{\"data\":{\"id\":\"x9\"}}").value().at(0).record.external_id == "x9");
    CHECK(any.decode("t", "{}").error().what.find("data.id") != std::string::npos);
}

TEST_CASE("events in lists of lists are found, each with what stands around it", "[hook]") {
    crypto::SeededRandom random(1);
    spec::Problems problems;
    const auto definition = spec::load_text<Definition>(R"(
webhooks:
  verify: { type: none, because: test }
  delivery_id: d
  topic: "{json.object}"
  split: { records: "entry[].changes[]", topic: field }
  topics:
    messages:
      - { stream: messages, records: "value.messages[]", where: { path: type, differs: system }, key: id }
      - { stream: statuses, records: "value.statuses[]", key: "{record.id}:{record.status}" }
    feed: { stream: comments, records: value, key: comment_id }
    "*": { ignore: true }
)",
                                                        "test.yaml", problems);
    INFO(problems.text());
    REQUIRE(definition);
    const DeclarativeHook hook(*definition, {}, {}, random);
    const auto events = hook.decode("whatsapp", R"({"object":"whatsapp","entry":[
        {"id":"WABA","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"P1"},"id":"inner",
            "messages":[{"id":"m1","type":"text"},{"id":"m2","type":"text"},{"id":"m3","type":"system"}],"statuses":[{"id":"m0","status":"read"}]}},
            {"field":"other","value":1}]},
        {"id":"PAGE","changes":[{"field":"feed","value":{"comment_id":"c1"}},{"field":"messages","value":{}}]}]})")
                            .value();
    REQUIRE(events.size() == 4);
    CHECK(events[0].stream == "messages");
    CHECK(events[0].record.external_id == "m1");
    CHECK(
        events[0].record.json ==
        R"({"id":"m1","type":"text","_outer":{"metadata":{"phone_number_id":"P1"},"id":"inner","statuses":[{"id":"m0","status":"read"}],"field":"messages","object":"whatsapp"}})");
    CHECK(events[1].record.external_id == "m2");
    CHECK(events[2].stream == "statuses");
    CHECK(events[2].record.external_id == "m0:read");
    CHECK(events[3].record.json == R"({"comment_id":"c1"})");
    CHECK(hook.decode("whatsapp", R"({"object":"page","entry":[]})").value().empty());
}

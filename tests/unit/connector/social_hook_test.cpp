// What becomes of the webhooks of shipped connectors that pack many events into one body.
#include <catch2/catch.hpp>
#include <filesystem>

#include "gateway/connector/registry.hpp"
#include "tests/fakes/scripted_http.hpp"
#include "tests/unit/connector/shipped.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

// stream:id of each event, with ! for thin ones and - for deletions.
std::string events(std::string_view family, std::string_view name, std::string_view settings, const std::string& topic,
                   const std::string& body) {
    FakeClock clock{Timestamp{std::chrono::seconds{1767607200}}};
    run::FakeTimers timers{clock};
    run::Pool pool{"blocking", 1};
    crypto::SeededRandom random{1};
    Log log{LogLevel::off};
    fakes::ScriptedHttp http;
    Registry registry;
    spec::Problems problems;
    registry.load_file(test::kShippedConnectors / family / name / "connector.yaml", problems);
    INFO(problems.text());
    REQUIRE(problems.ok());
    Setup setup{.connection = "c",
                .settings = value::parse_json(settings).value(),
                .http = http,
                .timers = timers,
                .blocking = pool,
                .random = random,
                .log = log};
    setup.credential = [](std::string_view) -> Result<crypto::SecretBytes> { return crypto::SecretBytes("hush"); };
    const auto connector = registry.build(name, std::move(setup)).value();
    REQUIRE(connector->hook());
    const auto decoded = connector->hook()->decode(topic, body);
    if (!decoded) return decoded.error().text();
    std::string out;
    for (const auto& event : *decoded)
        out += (out.empty() ? "" : " ") + event.stream + ":" + event.record.external_id + (event.thin ? "!" : "") +
               (event.record.deleted ? "-" : "");
    return out;
}

}  // namespace

TEST_CASE("meta: comments and messages are fetched, whatsapp brings its own", "[hook]") {
    CHECK(events("social", "meta", "{}", "page", R"({"object":"page","entry":[{"id":"9","time":1,"changes":[
        {"field":"feed","value":{"item":"comment","verb":"add","comment_id":"1_2","message":"a"}},
        {"field":"feed","value":{"item":"comment","verb":"remove","comment_id":"1_3"}},
        {"field":"feed","value":{"item":"reaction","verb":"add"}},{"field":"ratings","value":{}}]},
        {"id":"9","messaging":[{"sender":{"id":"42"},"message":{"mid":"m1","text":"x"}},{"delivery":{}}]}]})") ==
          "page_comments:1_2! page_comments:1_3- page_messages:m1!");
    CHECK(events("social", "meta", "{}", "instagram", R"({"entry":[{"id":"9","time":1767607200,"changes":[
        {"field":"comments","value":{"id":"17","text":"a"}},{"field":"mentions","value":{"media_id":"900","comment_id":"18"}},
        {"field":"mentions","value":{"media_id":"901"}}]}]})") ==
          "instagram_comments:17! instagram_mentions:900:18 instagram_mentions:901:-");
    CHECK(events("social", "meta", "{}", "whatsapp_business_account",
                 R"({"entry":[{"id":"W","changes":[{"field":"messages","value":{"messages":[{"id":"wamid.1"}]}},
        {"field":"messages","value":{"statuses":[{"id":"wamid.0","status":"read"}]}}]}]})") ==
          "whatsapp_messages:wamid.1 whatsapp_statuses:wamid.0:read");
    CHECK(events("social", "meta", "{}", "permissions", "{}").empty());
}

TEST_CASE("each event of a body of LINE, X, Slack, Telegram and Mastodon finds its stream", "[hook]") {
    CHECK(events("social", "line", "{}", "message", R"({"destination":"U0","events":[
        {"type":"message","source":{"userId":"U1"},"message":{"id":"4","type":"text"}},{"type":"follow","source":{"userId":"U2"}},
        {"type":"unsend","unsend":{"messageId":"3"}},{"type":"beacon"}]})") == "messages:4 followers:U2 messages:3-");
    CHECK(events("social", "line", "{}", "none", R"({"destination":"U0","events":[]})").empty());
    CHECK(events("social", "x", "{}", "events", R"({"for_user_id":"99","tweet_create_events":[{"id_str":"12"}]})") ==
          "mentions:12!");
    CHECK(events("social", "x", "{}", "events",
                 R"({"direct_message_events":[{"type":"message_create","id":"5"},{"type":"typing","id":"6"}]})") ==
          "direct_messages:5!");
    CHECK(events("social", "slack", "{}", "message", R"({"event":{"type":"message","ts":"1.2","user":"U1"}})") ==
          "messages:1.2");
    CHECK(events("social", "slack", "{}", "message",
                 R"({"event":{"type":"message","subtype":"message_deleted","deleted_ts":"1.2"}})") == "messages:1.2-");
    CHECK(events("social", "slack", "{}", "app_mention", R"({"event":{"type":"app_mention","ts":"1.3"}})") ==
          "messages:1.3");
    CHECK(events("social", "telegram", "{}", "update", R"({"update_id":7,"message":{"message_id":1}})") == "updates:7");
    CHECK(events("social", "mastodon", R"({"url":"https://example.social"})", "status.created",
                 R"({"event":"status.created","object":{"id":"103"}})") == "server_posts:103");
}

TEST_CASE("vendure's events are thin, but for deletions", "[hook]") {
    const std::string settings = R"({"url":"https://shop.example.com","user":"gateway"})";
    CHECK(events("ecommerce", "vendure", settings, "order", R"({"id":"7","code":"R-7"})") == "orders:7!");
    CHECK(events("ecommerce", "vendure", settings, "customer.updated", R"({"id":3})") == "customers:3!");
    CHECK(events("ecommerce", "vendure", settings, "customer.deleted", R"({"id":3})") == "customers:3-");
}

#include "gateway/consent/event.hpp"

#include <catch2/catch.hpp>

#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::consent;

namespace {

ConsentEvent full() {
    ConsentEvent event;
    event.id = *Uid::parse("01890a5d-ac96-774b-bcce-b302099a8057");
    event.subject = *Uid::parse("01890a5d-ac96-774b-bcce-b302099a8058");
    event.contact_point = ContactPoint{"email", "ab12"};
    event.channel = Channel::email;
    event.purpose = "marketing.email";
    event.controller = "Acme";
    event.brand = "north";
    event.lawful_basis = Basis::consent;
    event.type = EventType::explicit_act;
    event.state = State::given;
    event.origin = Origin::subject;
    event.event_time = Timestamp{Milliseconds{1'767'603'600'123}};
    event.received_at = event.event_time + Milliseconds{5};
    event.clock_skew_ms = -7;
    event.valid_from = event.event_time;
    event.valid_until = event.event_time + std::chrono::hours(1);
    event.jurisdiction = {"DE", "CN"};
    event.data_categories = {"user.contact.email"};
    event.recipients = {"crm"};
    event.storage_locations = {"EU"};
    event.storage_period = "P2Y";
    event.notice = {"privacy", "2026-1", "de", "ff"};
    event.withdrawal_method = "https://acme.example/out";
    event.capture = {"shop", "footer", "https://acme.example", "checkbox", "192.0.2.0/24", "aa"};
    event.proof = {"doi_token", "bb", "s3"};
    event.doi = {event.event_time, event.received_at, "cc"};
    event.supersedes = event.subject;
    event.reason = "signed up";
    event.actor = "form";
    return event;
}

constexpr std::string_view kMinimal =
    R"({"event_id":"01890a5d-ac96-774b-bcce-b302099a8057","schema_version":"iso-27560:2023/dpv-2.3/gw-1",)"
    R"("subject_ref":"01890a5d-ac96-774b-bcce-b302099a8058","channel":"any","purpose":"personalise","event_type":"imported",)"
    R"("event_state":"given","origin":"import","event_time":"2026-01-05T09:00:00Z","received_at":"2026-01-05T09:00:00Z"})";

std::string error_with(std::string_view from, std::string_view to) {
    std::string json(kMinimal);
    json.replace(json.find(from), from.size(), to);
    auto event = event_from_json(json);
    REQUIRE_FALSE(event);
    CHECK(event.error().fault == Fault::bad_input);
    return event.error().what;
}

}  // namespace

TEST_CASE("an event survives being written and read", "[consent]") {
    auto json = value::to_json(to_document(full()).root());
    auto back = event_from_json(json);
    REQUIRE(back);
    CHECK(*back == full());
    auto minimal = event_from_json(kMinimal);
    REQUIRE(minimal);
    CHECK(*event_from_json(value::to_json(to_document(*minimal).root())) == *minimal);
}

TEST_CASE("an event with anything unknown in it is refused, never defaulted", "[consent]") {
    CHECK(error_with("\"given\"", "\"granted\"") == "event_state is not a known name");
    CHECK(error_with("\"event_state\":\"given\",", "") == "event_state is missing");
    CHECK(error_with("\"import\",", "\"subjct\",") == "origin is not a known name");
    CHECK(error_with("\"any\"", "\"telex\"") == "channel is not a known name");
    CHECK(error_with("2026-01-05T09", "2026-13-05T09") == "event_time is not an RFC 3339 timestamp");
    CHECK(error_with("01890a5d-ac96-774b-bcce-b302099a8057", "1") == "event_id is not a uid");
    CHECK(error_with("gw-1", "gw-2") == "schema_version is not iso-27560:2023/dpv-2.3/gw-1");
    CHECK(error_with("\"channel\"", "\"valid_until\":5,\"channel\"") == "valid_until is not text");
    CHECK(error_with("\"channel\"", "\"contact_point\":{\"kind\":\"email\"},\"channel\"") ==
          "contact_point.hash is missing");
    CHECK(error_with("\"channel\"", "\"proof\":[],\"channel\"") == "proof is not an object");
    CHECK_FALSE(event_from_json("[]"));
    CHECK_FALSE(event_from_json("{"));
}

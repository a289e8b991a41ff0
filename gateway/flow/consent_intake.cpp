#include "gateway/flow/consent_intake.hpp"

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/consent/gpp.hpp"
#include "gateway/flow/suppression.hpp"
#include "gateway/record/email.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

// Kind and value. A contact that goes by its address (a bounce, an unsubscription) speaks for that address, also where
// the event is about all of its contact points.
std::optional<std::pair<std::string_view, std::string_view>> point_in_clear(value::Node record) {
    if (auto point = record.find("contact_point")) {
        if (auto value = point.find("value")) return std::pair(point.find("kind").text(), value.text());
        return std::nullopt;
    }
    auto id = record.find("contact_ref").find("external_id");
    if (id && record::parse_email(id.text())) return std::pair(std::string_view("email"), id.text());
    return std::nullopt;
}

// From where and with what device: class P2, so not in the clear part of the row.
std::string take_personal(consent::Capture& capture) {
    if (capture.ip_prefix.empty() && capture.ua_hash.empty()) return {};
    value::Builder out;
    out.begin_object();
    if (!capture.ip_prefix.empty()) out.key("ip_prefix").text(capture.ip_prefix);
    if (!capture.ua_hash.empty()) out.key("ua_hash").text(capture.ua_hash);
    out.end();
    capture.ip_prefix.clear();
    capture.ua_hash.clear();
    auto document = out.take();
    return value::to_json(document.root());
}

}  // namespace

Result<bool> says_something(const World& world, value::Node record) {
    auto string = record.find("gpp").text();
    if (string.empty() || record.find("event_type").text() != "signal_gpp") return true;
    TRY(auto opted_out, consent::read_gpp(string));
    const auto* purpose = world.purposes.find(record.find("purpose").text());
    if (purpose) return opted_out.end(*purpose);
    return opted_out.sale || opted_out.sharing || opted_out.targeted_ads || opted_out.gpc;
}

crypto::Place consent_place(const Uid& event) {
    return {"consent_event", event.view()};
}

Result<consent::ConsentEvent> read_consent(World& world, const store::ConsentEventRow& row) {
    TRY(auto event, consent::event_from_json(row.body));
    if (row.sealed.empty()) return event;
    auto opened = world.subject_keys.open(row.subject, consent_place(row.event), row.sealed, world.key_store);
    if (!opened && opened.error().fault == Fault::not_found) return event;
    if (!opened) return pass(std::move(opened));
    TRY(auto personal, value::parse_json(*opened));
    event.capture.ip_prefix = personal.root().find("ip_prefix").text();
    event.capture.ua_hash = personal.root().find("ua_hash").text();
    return event;
}

std::string normal_contact_point(std::string_view kind, std::string_view value) {
    std::string normal(trim(value));
    if (kind == "email")
        if (auto email = record::parse_email(normal)) normal = email->norm;
    return normal;
}

consent::ContactPoint contact_point(const World& world, std::string_view kind, std::string_view value) {
    auto hash = world.blind.of("contact_point:" + std::string(kind), normal_contact_point(kind, value));
    return {std::string(kind), to_hex(hash.view())};
}

Result<PreparedConsent> prepare_consent(World& world, value::Node record, const Uid& contact, const Uid& subject,
                                        Timestamp now) {
    value::Builder whole;
    whole.begin_object();
    for (auto member : record) {
        if (!member) continue;
        if (member.key() == "contact_point" && member.find("value")) {
            // The address itself is not kept: events are matched by its hash.
            auto point = contact_point(world, member.find("kind").text(), member.find("value").text());
            whole.key("contact_point").begin_object().key("kind").text(point.kind).key("hash").text(point.hash).end();
        } else {
            whole.key(member.key()).copy(member);
        }
    }
    // Two reads of one act give one event: its id is a keyed hash of what it says.
    auto said = subject.text() + value::to_json(record);
    auto hash = world.blind.of("consent_event", said);
    auto id = Uid::from_bytes(std::span<const std::uint8_t, 32>(hash).first<16>());
    whole.key("schema_version").text(consent::kSchemaVersion);
    whole.key("event_id").text(id.text()).key("subject_ref").text(subject.text());
    whole.key("received_at").text(record::timestamp_text(now)).end();
    auto document = whole.take();
    TRY(auto event, consent::event_from(document.root()));
    PreparedConsent prepared{.contact = contact};
    prepared.event = event;
    prepared.personal = take_personal(event.capture);
    auto stored = consent::to_document(event);
    auto& row = prepared.row;
    row.event = id;
    row.subject = subject;
    row.purpose = event.purpose;
    row.event_at = event.event_time;
    row.received_at = now;
    row.body = value::to_json(stored.root());
    if (auto point = point_in_clear(record)) {
        prepared.suppression = suppression_of(world, event, point->first, point->second);
        prepared.address_kind = point->first;
        prepared.address = normal_contact_point(point->first, point->second);
    }
    return prepared;
}

}  // namespace tributary::flow

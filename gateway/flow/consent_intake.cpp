#include "gateway/flow/consent_intake.hpp"

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/consent/event.hpp"
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

}  // namespace

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
    auto stored = consent::to_document(event);
    PreparedConsent prepared{.contact = contact, .row = {}, .suppression = std::nullopt};
    auto& row = prepared.row;
    row.event = id;
    row.subject = subject;
    row.purpose = event.purpose;
    row.event_at = event.event_time;
    row.received_at = now;
    row.body = value::to_json(stored.root());
    if (auto point = point_in_clear(record))
        prepared.suppression = suppression_of(world, event, point->first, point->second);
    return prepared;
}

}  // namespace tributary::flow

#include "gateway/flow/consent_intake.hpp"

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/record/email.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
consent::ContactPoint contact_point(const World& world, std::string_view kind, std::string_view value) {
    std::string normal(trim(value));
    if (kind == "email")
        if (auto email = record::parse_email(normal)) normal = email->norm;
    return {std::string(kind), to_hex(world.blind.of("contact_point:" + std::string(kind), normal).view())};
}

Result<store::ConsentEventRow> consent_row(World& world, value::Node record, const Uid& subject, Timestamp now) {
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
    store::ConsentEventRow row;
    row.event = id;
    row.subject = subject;
    row.purpose = event.purpose;
    row.event_at = event.event_time;
    row.received_at = now;
    row.body = value::to_json(stored.root());
    return row;
}

}  // namespace tributary::flow

#include "gateway/flow/consent_intake.hpp"

#include "gateway/consent/event.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {

Result<store::ConsentEventRow> consent_row(World& world, value::Node record, const Uid& subject, Timestamp now) {
    value::Builder whole;
    whole.begin_object();
    for (auto member : record)
        if (member) whole.key(member.key()).copy(member);
    // Two reads of one act give one event: its id is a keyed hash of what it says.
    auto said = subject.text() + value::to_json(record);
    auto hash = world.blind.of("consent_event", said);
    auto id = Uid::from_bytes(std::span<const std::uint8_t, 32>(hash).first<16>());
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

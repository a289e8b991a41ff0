#include "gateway/flow/consent_intake.hpp"

#include "gateway/base/hex.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/record/email.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

// The ledger knows contact points by their keyed hash alone. Addresses are hashed in the form in which they are
// compared.
void write_contact_point(const World& world, value::Node point, value::Builder& out) {
    std::string kind(point.find("kind").text()), value(point.find("value").text());
    if (kind == "email")
        if (auto email = record::parse_email(value)) value = email->norm;
    auto hash = world.blind.of("consent:" + kind, value);
    out.key("contact_point").begin_object().key("kind").text(kind).key("hash").text(to_hex(hash.view())).end();
}

}  // namespace

Result<store::ConsentEventRow> consent_row(World& world, value::Node record, const Uid& subject, Timestamp now) {
    value::Builder whole;
    whole.begin_object();
    for (auto member : record) {
        if (!member) continue;
        if (member.key() == "contact_point" && member.find("value"))
            write_contact_point(world, member, whole);
        else
            whole.key(member.key()).copy(member);
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

#include "gateway/app/dead_letter_payload.hpp"

#include "gateway/access/field_sight.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/reading.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/payload.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/record/sight.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::app {
namespace {

// Of a letter whose person was never found out its own subject is asked about.
Result<Reading> reading_for_letter(Gateway& gateway, const access::Caller& caller, value::Node arguments,
                                   const store::DeadLetter& letter) {
    const auto id = "dead letter " + std::to_string(letter.id);
    if (!letter.customer.is_nil()) {
        auto person = flow::load_customer(gateway.world(), letter.customer);
        if (person) return reading_for(gateway, caller, arguments, {person->subjects, person->golden.root(), id});
        if (person.error().fault != Fault::not_found) return pass(std::move(person));
    }
    return reading_for(gateway, caller, arguments, {std::span(&letter.subject, 1), {}, id});
}

}  // namespace

Result<void> write_payload(Gateway& gateway, const access::Caller& caller, value::Node arguments,
                           const store::DeadLetter& letter, value::Builder& out) {
    auto& world = gateway.world();
    const bool may = access::check_permission(caller, access::Permission::personal_read).has_value();
    Reading reading;
    if (may) {
        TRY(reading, reading_for_letter(gateway, caller, arguments, letter));
        const auto entry =
            flow::audit_entry(world.clock, caller, "queue.read_payload",
                              {{"dead_letter", std::to_string(letter.id)}, {"purpose", reading.purpose}});
        CHECK_OK(flow::write_entry(world.store, entry));
    }
    // What has no classes is shown to those who may see every class.
    const bool whole = may && access::sights_of(caller).of(record::DataClass::p3_sensitive) == record::Sight::shown;
    if (letter.destination.empty()) {
        if (!whole) {
            out.key("payload").text(record::kMasked);
            return {};
        }
        const auto place = flow::raw_place(letter.connection, letter.stream, letter.record_key);
        TRY(const auto raw, world.subject_keys.open(letter.subject, place, letter.sealed, world.key_store));
        // What is no text, which may be why it lies here, is shown as base64.
        if (value::valid_utf8(raw))
            out.key("payload").text(raw);
        else
            out.key("payload_base64").text(to_base64(raw));
        return {};
    }
    const auto place = flow::item_place(letter.destination, letter.record, letter.op_key.view());
    TRY(const auto document, flow::open_payload(world, letter.subject, place, letter.clear, letter.sealed));
    const auto* entity = world.model.entity(letter.entity);
    out.key("payload");
    if (entity)
        out.copy(record::seen(*entity, document.root(), reading.sights(caller)).root());
    else if (whole)
        out.copy(document.root());
    else
        out.copy(record::mask_all(document.root()).root());
    return {};
}

}  // namespace tributary::app

// Turns a mapped consent_event record into what the store keeps of it. Its id follows from what it says, so the same
// event read twice is one event.
#pragma once

#include <optional>

#include "gateway/base/result.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/consent_events.hpp"
#include "gateway/store/suppressions.hpp"

namespace tributary::flow {

struct PreparedConsent {
    Uid contact;
    store::ConsentEventRow row;  // `sealed` is still empty
    consent::ConsentEvent event;
    std::string personal;  // JSON of what is to be sealed with the subject's key: where and with what it was given
    std::string address_kind, address;              // the contact point that it names, in clear and in memory only
    std::optional<store::Suppression> suppression;  // of the contact point that it names
};

// An e-mail address in the form that equal ones share; of any other kind, the value without blanks around it.
std::string normal_contact_point(std::string_view kind, std::string_view value);
// An address or number as consent events know it: a keyed hash in hex of its normalised form.
consent::ContactPoint contact_point(const World& world, std::string_view kind, std::string_view value);

// Whether a mapped record is an act at all: a GPP string may hold no opt-out of its purpose. bad_input: it cannot be
// read, and may hold one.
Result<bool> says_something(const World& world, value::Node record);

// Where the sealed part of an event belongs, and the whole event read back. A sealed part that does not open any more
// is left out: its subject was erased.
crypto::Place consent_place(const Uid& event);
Result<consent::ConsentEvent> read_consent(World& world, const store::ConsentEventRow& row);

// `contact` and `subject` are the record that the event is about and its subject. bad_input names the field that is
// wrong.
Result<PreparedConsent> prepare_consent(World& world, value::Node record, const Uid& contact, const Uid& subject,
                                        Timestamp now);

}  // namespace tributary::flow

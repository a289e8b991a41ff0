// Turns a mapped consent_event record into the row the store keeps. Its id follows from what it says, so the same event
// read twice is one event.
#pragma once

#include "gateway/base/result.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/consent_events.hpp"

namespace tributary::flow {

// An address or number as consent events know it: a keyed hash in hex of its normalised form.
consent::ContactPoint contact_point(const World& world, std::string_view kind, std::string_view value);

// `row.subject` is the subject of the contact that the event is about. bad_input names the field that is wrong.
Result<store::ConsentEventRow> consent_row(World& world, value::Node record, const Uid& subject, Timestamp now);

}  // namespace tributary::flow

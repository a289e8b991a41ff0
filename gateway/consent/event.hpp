// Consent event: one act of one person (or of a system about them), append-only. Field names follow ISO/IEC 27560.
#pragma once

#include <optional>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/value/document.hpp"

namespace tributary::consent {

enum class State { requested, pending_doi, given, renewed, refused, withdrawn, revoked, expired, invalidated, unknown };
enum class Origin { subject, guardian, agent, system, import };

struct Event {
    Uid id;
    std::string purpose;
    std::string channel = "any";
    std::string contact_point;  // blinded hash in hex; empty: all
    State state = State::unknown;
    Origin origin = Origin::system;
    std::string event_type = "explicit";  // explicit, expressed, implied, imported, signal_gpc, signal_gpp, admin
    Timestamp event_time, received_at;
    std::optional<Timestamp> valid_from, valid_until;
    bool has_proof = false;
    bool double_opt_in_confirmed = false;
    bool objection = false;  // GDPR 21 / PIPL 24: permanent until a new grant of the person
    std::string jurisdiction, notice_version, source;
};

// From a canonical consent_event record or a stored row. bad_input names the field; never a value.
Result<Event> read_event(value::Node record, Timestamp received_at);
// The stored form; read_event() gives the same event back. Holds nothing personal.
std::string to_json(const Event& event);

}  // namespace tributary::consent

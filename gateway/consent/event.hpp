// ConsentEvent: one act of asking, giving, refusing or withdrawing, kept for ever as evidence. Field names follow
// mappings/canonical/consent_event.yaml. It holds no contact point in clear, only its keyed hash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/consent/terms.hpp"
#include "gateway/value/document.hpp"

namespace tributary::consent {

constexpr std::string_view kSchemaVersion = "iso-27560:2023/dpv-2.3/gw-1";
// In `reason`: the act is an objection (GDPR 21), which outranks every basis but contract and law.
constexpr std::string_view kObjection = "objection";

struct ContactPoint {
    std::string kind;  // email, phone, post, device, social
    std::string hash;  // hex of its keyed hash (vault::BlindIndex)
    friend bool operator==(const ContactPoint&, const ContactPoint&) = default;
};

struct Notice {
    std::string id, version, lang, sha256;
    friend bool operator==(const Notice&, const Notice&) = default;
};

struct Capture {
    std::string source_system, form_id, page_url, method, ip_prefix, ua_hash;
    friend bool operator==(const Capture&, const Capture&) = default;
};

struct Proof {
    std::string kind, sha256, stored_ref;
    friend bool operator==(const Proof&, const Proof&) = default;
};

struct DoubleOptIn {
    std::optional<Timestamp> sent_at, confirmed_at;
    std::string token_hash;
    friend bool operator==(const DoubleOptIn&, const DoubleOptIn&) = default;
};

struct ConsentEvent {
    Uid id;
    Uid subject;
    std::optional<ContactPoint> contact_point;  // unset: all of the subject's
    Channel channel = Channel::any;
    std::string purpose;
    std::string controller;
    std::string brand;  // empty: all
    std::optional<Basis> lawful_basis;
    EventType type = EventType::imported;
    State state = State::unknown;
    Origin origin = Origin::import;
    Timestamp event_time{};
    Timestamp received_at{};
    std::int64_t clock_skew_ms = 0;  // how far the sender's clock is known to run ahead
    std::optional<Timestamp> valid_from, valid_until;
    std::vector<std::string> jurisdiction, data_categories, recipients, storage_locations;
    std::string storage_period;
    Notice notice;
    std::string withdrawal_method;
    Capture capture;
    Proof proof;
    DoubleOptIn doi;
    std::optional<Uid> supersedes;
    std::string gpp;  // the privacy string that it was read from
    std::string reason;
    std::string actor;

    bool is_grant() const { return state == State::given || state == State::renewed; }
    bool is_signal() const { return type == EventType::signal_gpc || type == EventType::signal_gpp; }
    // The subject's own act, or their guardian's, or a signal that law makes binding like one.
    bool by_subject() const { return origin == Origin::subject || origin == Origin::guardian || is_signal(); }
    bool has_proof() const { return !proof.kind.empty(); }
    friend bool operator==(const ConsentEvent&, const ConsentEvent&) = default;
};

// Everything but empty parts; event_from() reads it back unchanged.
value::Document to_document(const ConsentEvent& event);
// Fault::bad_input on a missing or unknown name, time or id. Nothing is defaulted to something that would allow more.
Result<ConsentEvent> event_from(value::Node node);
Result<ConsentEvent> event_from_json(std::string_view json);

}  // namespace tributary::consent

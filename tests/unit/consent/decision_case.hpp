// Reads tests/cases/consent/*.yaml: questions with their events and the expected answers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/consent/decision.hpp"
#include "gateway/spec/load.hpp"

namespace tributary::consent {

// Times are written as ages: "3d" before the moment of the question.
struct CaseEvent {
    std::string state, origin, type = "expressed", purpose, channel = "any", contact_point, brand, basis, proof, reason,
                               notice;
    std::vector<std::string> recipients;
    Milliseconds ago{}, ahead{};
    std::optional<Milliseconds> received_ago, until_ago;
    bool doi = false;
};

struct CaseQuestion {
    std::string purpose, status = "active", channel = "any", contact_point, brand, jurisdiction, recipient;
    bool readable = true, processor = true, sensitive = false, minor = false;
    std::optional<Milliseconds> active_ago, suppressed_ago;
};

struct Case {
    std::string name, expect;
    CaseQuestion ask;
    std::vector<CaseEvent> events;
    int future = 0;
};

inline const spec::Type<CaseEvent>& describe(spec::Tag<CaseEvent>) {
    using E = CaseEvent;
    static const auto type = spec::Object<E>("event")
                                 .field("state", &E::state, {})
                                 .field("origin", &E::origin, {})
                                 .field("ago", &E::ago, {})
                                 .field("ahead", &E::ahead, {.required = false})
                                 .field("received_ago", &E::received_ago, {})
                                 .field("until_ago", &E::until_ago, {})
                                 .field("type", &E::type, {.required = false})
                                 .field("purpose", &E::purpose, {.required = false})
                                 .field("channel", &E::channel, {.required = false})
                                 .field("contact_point", &E::contact_point, {.required = false})
                                 .field("brand", &E::brand, {.required = false})
                                 .field("basis", &E::basis, {.required = false})
                                 .field("proof", &E::proof, {.required = false})
                                 .field("reason", &E::reason, {.required = false})
                                 .field("notice", &E::notice, {.required = false})
                                 .field("recipients", &E::recipients, {.fallback = "[]"})
                                 .field("doi", &E::doi, {.required = false})
                                 .type();
    return type;
}

inline const spec::Type<CaseQuestion>& describe(spec::Tag<CaseQuestion>) {
    using Q = CaseQuestion;
    static const auto type = spec::Object<Q>("question")
                                 .field("purpose", &Q::purpose, {})
                                 .field("status", &Q::status, {.required = false})
                                 .field("channel", &Q::channel, {.required = false})
                                 .field("contact_point", &Q::contact_point, {.required = false})
                                 .field("brand", &Q::brand, {.required = false})
                                 .field("jurisdiction", &Q::jurisdiction, {.required = false})
                                 .field("readable", &Q::readable, {.required = false})
                                 .field("suppressed_ago", &Q::suppressed_ago, {})
                                 .field("processor", &Q::processor, {.required = false})
                                 .field("recipient", &Q::recipient, {.required = false})
                                 .field("sensitive", &Q::sensitive, {.required = false})
                                 .field("minor", &Q::minor, {.required = false})
                                 .field("active_ago", &Q::active_ago, {})
                                 .type();
    return type;
}

inline const spec::Type<Case>& describe(spec::Tag<Case>) {
    static const auto type = spec::Object<Case>("case")
                                 .field("name", &Case::name, {})
                                 .field("ask", &Case::ask, {})
                                 .field("events", &Case::events, {.fallback = "[]"})
                                 .field("expect", &Case::expect, {})
                                 .field("future", &Case::future, {.required = false})
                                 .type();
    return type;
}

const Timestamp kNow = Timestamp{std::chrono::hours{24 * 365 * 56}};

inline std::optional<ContactPoint> point(const std::string& hash) {
    if (hash.empty()) return std::nullopt;
    return ContactPoint{"phone", hash};
}

// Throws on a name that is on no list: a case that is misspelt must not pass.
inline ConsentEvent build(const CaseEvent& written, const std::string& purpose, std::uint8_t number) {
    ConsentEvent event;
    event.id.bytes[15] = number;
    event.purpose = written.purpose.empty() ? purpose : written.purpose;
    event.channel = channel_named(written.channel).value();
    event.contact_point = point(written.contact_point);
    event.brand = written.brand;
    if (!written.basis.empty()) event.lawful_basis = basis_named(written.basis).value();
    event.type = event_type_named(written.type).value();
    event.state = state_named(written.state).value();
    event.origin = origin_named(written.origin).value();
    event.event_time = kNow - written.ago + written.ahead;
    event.received_at = written.received_ago ? kNow - *written.received_ago : event.event_time;
    if (written.until_ago) event.valid_until = kNow - *written.until_ago;
    event.proof.kind = written.proof;
    event.reason = written.reason;
    event.notice.version = written.notice;
    event.recipients = written.recipients;
    if (written.doi) event.doi.confirmed_at = event.event_time;
    return event;
}

inline std::vector<ConsentEvent> build_events(const Case& one) {
    std::vector<ConsentEvent> events;
    for (const auto& written : one.events)
        events.push_back(build(written, one.ask.purpose, static_cast<std::uint8_t>(events.size() + 1)));
    return events;
}

// REQUIRES: `events` outlives the question.
inline Question build(const CaseQuestion& written, const std::vector<ConsentEvent>& events) {
    Question question;
    if (written.readable) question.events = events;
    question.status = subject_status_named(written.status).value();
    if (written.suppressed_ago) question.suppressed_at = kNow - *written.suppressed_ago;
    question.purpose = written.purpose;
    question.channel = channel_named(written.channel).value();
    question.contact_point = point(written.contact_point);
    question.brand = written.brand;
    question.jurisdiction = written.jurisdiction;
    question.destination_is_processor = written.processor;
    question.recipient = written.recipient;
    question.has_sensitive = written.sensitive;
    question.minor = written.minor;
    if (written.active_ago) question.last_activity = kNow - *written.active_ago;
    question.now = kNow;
    return question;
}

}  // namespace tributary::consent

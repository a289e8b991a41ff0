// The closed lists of consent, named as in ISO/IEC TS 27560 and DPV. Their names stand in YAML, JSON and stored events.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tributary::consent {

enum class Channel : std::uint8_t { email, sms, mms, phone, post, fax, push, chat, social, inapp, any };

enum class Basis : std::uint8_t {
    consent,
    explicit_consent,
    contract,
    legal_obligation,
    vital_interest,
    public_task,
    legitimate_interest,
    pipl_separate_consent,
};

enum class EventType : std::uint8_t { explicit_act, expressed, implied, imported, signal_gpc, signal_gpp, admin };

// Only given and renewed allow anything.
enum class State : std::uint8_t {
    requested,
    pending_doi,
    given,
    renewed,
    refused,
    withdrawn,
    revoked,  // by the controller
    expired,
    invalidated,
    unknown,
};

enum class Origin : std::uint8_t { subject, guardian, agent_on_behalf, system, import };

enum class SubjectStatus : std::uint8_t { active, restricted, in_erasure, erased, deceased };

std::string_view name_of(Channel channel);
std::string_view name_of(Basis basis);
std::string_view name_of(EventType type);
std::string_view name_of(State state);
std::string_view name_of(Origin origin);
std::string_view name_of(SubjectStatus status);

// nullopt for a name that is not on its list: nothing is guessed.
std::optional<Channel> channel_named(std::string_view name);
std::optional<Basis> basis_named(std::string_view name);
std::optional<EventType> event_type_named(std::string_view name);
std::optional<State> state_named(std::string_view name);
std::optional<Origin> origin_named(std::string_view name);
std::optional<SubjectStatus> subject_status_named(std::string_view name);

// Consent itself is the basis: without an act of the subject nothing is allowed.
constexpr bool needs_consent(Basis basis) {
    return basis == Basis::consent || basis == Basis::explicit_consent || basis == Basis::pipl_separate_consent;
}

}  // namespace tributary::consent

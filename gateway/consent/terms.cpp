#include "gateway/consent/terms.hpp"

#include <array>
#include <cstddef>

namespace tributary::consent {
namespace {

// In the order of their enums.
constexpr std::array<std::string_view, 11> kChannels{"email", "sms",  "mms",    "phone", "post", "fax",
                                                     "push",  "chat", "social", "inapp", "any"};
constexpr std::array<std::string_view, 8> kBases{"consent",
                                                 "explicit_consent",
                                                 "contract",
                                                 "legal_obligation",
                                                 "vital_interest",
                                                 "public_task",
                                                 "legitimate_interest",
                                                 "pipl_separate_consent"};
constexpr std::array<std::string_view, 7> kTypes{"explicit",   "expressed",  "implied", "imported",
                                                 "signal_gpc", "signal_gpp", "admin"};
constexpr std::array<std::string_view, 10> kStates{"requested", "pending_doi", "given",   "renewed",     "refused",
                                                   "withdrawn", "revoked",     "expired", "invalidated", "unknown"};
constexpr std::array<std::string_view, 5> kOrigins{"subject", "guardian", "agent_on_behalf", "system", "import"};
constexpr std::array<std::string_view, 5> kStatuses{"active", "restricted", "in_erasure", "erased", "deceased"};

template <class E, std::size_t N>
std::optional<E> named(const std::array<std::string_view, N>& names, std::string_view name) {
    for (std::size_t i = 0; i < N; ++i)
        if (names[i] == name) return static_cast<E>(i);
    return std::nullopt;
}

}  // namespace

std::string_view name_of(Channel channel) {
    return kChannels[static_cast<std::size_t>(channel)];
}
std::string_view name_of(Basis basis) {
    return kBases[static_cast<std::size_t>(basis)];
}
std::string_view name_of(EventType type) {
    return kTypes[static_cast<std::size_t>(type)];
}
std::string_view name_of(State state) {
    return kStates[static_cast<std::size_t>(state)];
}
std::string_view name_of(Origin origin) {
    return kOrigins[static_cast<std::size_t>(origin)];
}
std::string_view name_of(SubjectStatus status) {
    return kStatuses[static_cast<std::size_t>(status)];
}

std::optional<Channel> channel_named(std::string_view name) {
    return named<Channel>(kChannels, name);
}
std::optional<Basis> basis_named(std::string_view name) {
    return named<Basis>(kBases, name);
}
std::optional<EventType> event_type_named(std::string_view name) {
    return named<EventType>(kTypes, name);
}
std::optional<State> state_named(std::string_view name) {
    return named<State>(kStates, name);
}
std::optional<Origin> origin_named(std::string_view name) {
    return named<Origin>(kOrigins, name);
}
std::optional<SubjectStatus> subject_status_named(std::string_view name) {
    return named<SubjectStatus>(kStatuses, name);
}

}  // namespace tributary::consent

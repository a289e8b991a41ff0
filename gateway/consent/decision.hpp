// Decision: may this be done with this subject's data, now? Pure, and independent of the order of the events.
// It fails closed: what cannot be read or is not declared is held, what nobody allowed is denied.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/consent/purpose.hpp"

namespace tributary::consent {

struct Question {
    // The events of all subjects that are this customer. nullopt: the ledger could not be read, or held an event that
    // could not be parsed.
    std::optional<std::span<const ConsentEvent>> events;
    SubjectStatus status = SubjectStatus::active;
    std::optional<Timestamp> suppressed_at;  // since then a contact point of it is on the suppression list
    std::string purpose;                     // empty: the delivery declares none
    Channel channel = Channel::any;
    std::optional<ContactPoint> contact_point;  // unset: no particular one
    std::string brand;
    std::string jurisdiction;  // ISO 3166; empty: the default basis counts
    bool destination_is_processor = true;
    std::string recipient;       // the destination's name; counts where it is no processor
    bool has_sensitive = false;  // the record holds class P3
    bool minor = false;
    std::optional<Timestamp> last_activity;  // puts off a purpose's expiry
    Timestamp now{};
};

enum class Verdict { allow, deny, hold };
std::string_view name_of(Verdict verdict);

struct Decision {
    Verdict verdict = Verdict::hold;
    int row = 1;                    // of the table, for explanations
    std::string_view reason;        // "C-GIVEN"; one of a closed list, with static lifetime
    std::string version;            // hex; equal when the same events were considered, in whatever order
    std::size_t future_events = 0;  // dated later than now: not considered until due

    bool allowed() const { return verdict == Verdict::allow; }
};

Decision decide(const PurposeRegistry& purposes, const Question& question);

struct RowDescription {
    int number;
    std::string_view reason, condition;
};
// The rows of the table, in the order in which they are asked.
std::vector<RowDescription> decision_table();

}  // namespace tributary::consent

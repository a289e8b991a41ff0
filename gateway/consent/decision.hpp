// Decision: may this be sent, to whom, for what? The effective decision table, first match wins, fail closed. Pure; the
// answer depends on the set of events, never on their order.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/consent/purpose.hpp"

namespace tributary::consent {

enum class SubjectStatus { active, restricted, erased, deceased };

struct Question {
    std::string_view purpose;  // of the delivery; empty: it declared none, which holds
    std::string_view channel = "any";
    std::string_view contact_point = {};  // blinded hash in hex, when one address is meant
    std::string_view jurisdiction = {};
    SubjectStatus status = SubjectStatus::active;
    bool suppressed = false;     // a suppression list holds one of the contact points
    bool store_readable = true;  // false: the events could not be read
    bool sensitive = false;      // P3 data or a minor
    Timestamp now;
};

struct Decision {
    enum class Answer { allow, deny, hold };
    Answer answer = Answer::hold;
    std::string reason;   // "C-GIVEN", "C-WITHDRAWN", ...
    std::string version;  // hash of the events considered: changes when any of them does

    bool allowed() const { return answer == Answer::allow; }
};

Decision decide(const PurposeRegistry& purposes, std::span<const Event> events, const Question& question);

}  // namespace tributary::consent

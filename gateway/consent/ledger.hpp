// Ledger: the events of a customer reduced to what counts for one question, whatever their order. The rules:
//  - a denial stays until a later act of the subject, at least as precise, lifts it: a wide grant never lifts a precise
//  denial;
//  - imports and systems can deny, and can never lift a denial;
//  - what happened within five minutes, or claims a time after it was received, counts in its most restrictive sense;
//  - what is dated in the future does not count until it is due.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/consent/purpose.hpp"
#include "gateway/consent/scope.hpp"

namespace tributary::consent {

// Two acts closer than this may have been recorded in either order.
constexpr Milliseconds kSimultaneous = std::chrono::minutes(5);

struct Ledger {
    std::vector<const ConsentEvent*> considered;  // due, and about what is asked or something above it
    std::vector<const ConsentEvent*> denials;     // refused, withdrawn, revoked, invalidated, expired, and not lifted
    std::vector<const ConsentEvent*> grants;      // the newest ones that cover the question; all of them must hold
    bool pending = false;                         // asked again since, or never answered
    std::size_t future = 0;
};

// What else a grant must be, beyond covering the question.
struct GrantNeeds {
    bool explicit_act = false;
    bool separate = false;  // PIPL
    bool guardian = false;
    std::string_view recipient = {};  // a grant that names whom it is for has to name them; empty: nobody of their own

    bool met_by(const ConsentEvent& grant) const;
    bool any() const { return explicit_act || separate || guardian; }
};

Ledger reduce(std::span<const ConsentEvent> events, const Scope& asked, const GrantNeeds& needs, Timestamp now);

// Hex of a hash over the events considered, independent of their order and of repetitions.
std::string version_of(const Ledger& ledger);

}  // namespace tributary::consent

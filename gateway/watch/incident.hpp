// Incident: what a person fills in when an alert turns out to be a breach of personal data (GDPR Art. 33, PIPL Art.
// 57). Holds what the gateway knows: counts and names, never a personal value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"

namespace tributary::watch {

struct Incident {
    std::int64_t alert = 0;
    std::string gateway, rule, subject, severity, what;
    Timestamp opened_at, last_at;
    std::uint64_t times = 0;
    // What the disclosure ledger says of the span looked at.
    Timestamp from, until;
    std::string destination;  // empty: all
    std::uint64_t subjects = 0;
    struct Told {
        std::string destination, purpose;
        std::uint64_t subjects = 0;
    };
    std::vector<Told> told;
};

// Markdown. The authority has to hear within 72 hours of the moment somebody knew; the text says when that is, counted
// from the alert.
std::string incident_text(const Incident& incident);

}  // namespace tributary::watch

// Approval: an act that takes two persons. Asked by one, it waits until another confirms it, refuses it, or a day is
// over. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/access/caller.hpp"
#include "gateway/base/clock.hpp"

namespace tributary::access {

enum class ApprovalState : std::uint8_t { pending, confirmed, refused };
std::string_view name_of(ApprovalState state);

constexpr Milliseconds kApprovalLasts = std::chrono::hours{24};

struct Approval {
    std::string id;
    std::string operation;
    std::string arguments;  // JSON, sealed: they may name a person
    std::string digest;     // hex of a keyed hash of the JSON, for the audit trail
    std::string asked_by, asked_type;
    Timestamp asked{}, expires{};
    ApprovalState state = ApprovalState::pending;
    std::string decided_by;
    Timestamp decided{};
};

// Whether this caller may be the second person. refused: the same one, or nobody with a name of their own. conflict: it
// is decided or too old.
Result<void> check_decision(const Approval& approval, const Caller& caller, Timestamp now);

}  // namespace tributary::access

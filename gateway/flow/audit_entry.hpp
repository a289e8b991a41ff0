// One line of the audit trail: who did what to which thing. Names and counts only, never a value.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/access/caller.hpp"
#include "gateway/base/clock.hpp"

namespace tributary::flow {

// `actor_type`: user, service, connector or system.
std::string audit_entry(const Clock& clock, std::string_view actor_type, std::string_view actor,
                        std::string_view action,
                        std::initializer_list<std::pair<std::string_view, std::string>> details = {});
// Of what somebody asked of the gateway.
std::string audit_entry(const Clock& clock, const access::Caller& caller, std::string_view action,
                        std::initializer_list<std::pair<std::string_view, std::string>> details = {});

}  // namespace tributary::flow

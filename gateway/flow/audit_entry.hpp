// One line of the audit trail: who did what to which thing. Names and counts only, never a value.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/access/caller.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/store/store.hpp"

namespace tributary::flow {

using ActDetails = std::map<std::string, std::string>;

// `actor_type`: user, service, connector or system. What others may have chosen (a host, a path) is written so that it
// cannot forge lines or turn the direction of text (base/visible_text.hpp).
std::string audit_entry(const Clock& clock, std::string_view actor_type, std::string_view actor,
                        std::string_view action,
                        std::initializer_list<std::pair<std::string_view, std::string>> details = {});
// Of what somebody asked of the gateway.
std::string audit_entry(const Clock& clock, const access::Caller& caller, std::string_view action,
                        std::initializer_list<std::pair<std::string_view, std::string>> details = {});
std::string audit_entry(const Clock& clock, std::string_view actor_type, std::string_view actor,
                        std::string_view action, const ActDetails& details);

// An entry in a transaction of its own: of an act that changes nothing else in the store. Blocks.
Result<void> write_entry(store::Store& store, const std::string& entry);

}  // namespace tributary::flow

// The audit entry of an act that changes nothing in the store itself: what was asked of other systems.
#pragma once

#include <string>

#include "gateway/access/caller.hpp"
#include "gateway/base/result.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/run/task.hpp"

namespace tributary::app {

class Gateway;

// An error: the act is not told, so it must not be done, or not be said to be done. May be awaited from any executor.
run::Task<Result<void>> tell_act(Gateway& gateway, access::Caller caller, std::string action, flow::ActDetails details);

}  // namespace tributary::app

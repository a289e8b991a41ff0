// What a capability makes of a task: which of them tells it, and the pushes that its action takes. Pure.
#pragma once

#include <optional>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/connector/capabilities.hpp"
#include "gateway/connector/connector.hpp"
#include "gateway/consent/purpose.hpp"
#include "gateway/flow/reach.hpp"
#include "gateway/store/propagation.hpp"

namespace tributary::flow {

// nullptr: somebody has to do it by hand. `purpose` is the task's, nullptr when it is not configured any more.
const connector::Capability* capability_for(const connector::Capabilities& can, store::TaskKind kind,
                                            const consent::Purpose* purpose);

// One for each address, or a single one. refused: the action needs what is not known of the person.
Result<std::vector<connector::Push>> pushes_of(const connector::Capability& how, const store::PropagationTask& task,
                                               const Reach& reach);

}  // namespace tributary::flow

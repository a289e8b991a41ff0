// Whether a mapping leaves records out: those of which its `skip` holds. Plan::run tells it of one record.
#pragma once

#include "gateway/mapping/plan.hpp"

namespace tributary::mapping {

bool has_skip(const Plan& plan);

}  // namespace tributary::mapping

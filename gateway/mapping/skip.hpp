// What a mapping leaves out and what it insists on, for those who look at its records before or after it ran.
#pragma once

#include "gateway/mapping/plan.hpp"

namespace tributary::mapping {

// Whether it leaves records out: those of which its `skip` holds. Plan::run tells it of one record.
bool has_skip(const Plan& plan);
// Whether a main record of it has a value in each path that it requires.
bool has_required(const Plan& plan, value::Node record);

}  // namespace tributary::mapping

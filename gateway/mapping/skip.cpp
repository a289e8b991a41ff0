#include "gateway/mapping/skip.hpp"

#include "gateway/mapping/program.hpp"

namespace tributary::mapping {

bool has_skip(const Plan& plan) {
    return plan.program().skip.has_value();
}

}  // namespace tributary::mapping

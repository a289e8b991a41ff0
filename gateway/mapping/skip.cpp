#include "gateway/mapping/skip.hpp"

#include <algorithm>

#include "gateway/mapping/program.hpp"

namespace tributary::mapping {

bool has_skip(const Plan& plan) {
    return plan.program().skip.has_value();
}

bool has_required(const Plan& plan, value::Node record) {
    return std::ranges::all_of(plan.program().require,
                               [&](const std::string& path) { return static_cast<bool>(record.at_path(path)); });
}

}  // namespace tributary::mapping

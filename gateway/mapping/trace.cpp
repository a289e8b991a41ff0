#include "gateway/mapping/trace.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tributary::mapping {

std::string Trace::text() const {
    std::size_t target = 6, source = 6;
    for (const auto& line : lines_) {
        target = std::max(target, line.target.size());
        source = std::max(source, line.source.size());
    }
    std::string out;
    for (const auto& line : lines_) {
        out += fmt::format("{:<{}}  {:<9}  {:<{}}  {:<8}  {}", line.target, target, line.outcome, line.source, source,
                           value::name_of(line.kind), line.how);
        if (!line.value.empty()) out += "  " + line.value;
        if (!line.issue.empty()) out += "  ! " + line.issue;
        out += '\n';
    }
    return out;
}

}  // namespace tributary::mapping

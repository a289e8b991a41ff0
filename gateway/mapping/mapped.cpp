#include "gateway/mapping/mapped.hpp"

#include <algorithm>

namespace tributary::mapping {

std::string_view name_of(Level level) {
    switch (level) {
        case Level::quarantine:
            return "quarantine";
        case Level::dropped:
            return "dropped";
        case Level::flagged:
            return "flagged";
    }
    return "quarantine";
}

std::string Issue::text() const {
    std::string out = target;
    if (!source.empty()) out += out.empty() ? source : " (from " + source + ")";
    if (!out.empty()) out += ": ";
    return out + message;
}

bool Mapped::accepted() const {
    return std::ranges::none_of(issues, [](const Issue& issue) { return issue.level == Level::quarantine; });
}

}  // namespace tributary::mapping

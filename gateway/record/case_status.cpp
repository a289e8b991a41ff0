#include "gateway/record/case_status.hpp"

#include <algorithm>

namespace tributary::record {

namespace {

constexpr std::string_view kOpen[] = {"new",     "open",      "in_progress", "waiting_customer", "waiting_internal",
                                      "on_hold", "escalated", "reopened"};
constexpr std::string_view kEnded[] = {"resolved", "closed", "cancelled", "merged"};

struct Step {
    std::string_view from, to;
};
constexpr Step kSteps[] = {{"new", "open"},
                           {"open", "in_progress"},
                           {"in_progress", "waiting_customer"},
                           {"in_progress", "waiting_internal"},
                           {"in_progress", "on_hold"},
                           {"waiting_customer", "in_progress"},
                           {"waiting_internal", "in_progress"},
                           {"on_hold", "in_progress"},
                           {"in_progress", "resolved"},
                           {"resolved", "closed"},
                           {"escalated", "in_progress"},
                           {"resolved", "reopened"},
                           {"closed", "reopened"},
                           {"reopened", "in_progress"}};

}  // namespace

bool is_open_case_status(std::string_view status) {
    return std::ranges::find(kOpen, status) != std::end(kOpen);
}

bool case_status_may_follow(std::string_view from, std::string_view to) {
    const bool open = is_open_case_status(from);
    if (from == to) return open || std::ranges::find(kEnded, from) != std::end(kEnded);
    if (open && (to == "escalated" || to == "cancelled" || to == "merged")) return true;
    return std::ranges::any_of(kSteps, [&](const Step& step) { return step.from == from && step.to == to; });
}

}  // namespace tributary::record

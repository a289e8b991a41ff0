#include "gateway/record/case_status.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "gateway/record/load_model.hpp"

using namespace tributary;
using namespace tributary::record;

TEST_CASE("every pair of case statuses is judged as the picture shows", "[case]") {
    spec::Problems problems;
    const auto model = load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", {}, problems);
    const auto& statuses = model->entity("case")->fields.find("status")->values;
    REQUIRE(statuses.size() == 12);
    std::set<std::pair<std::string, std::string>> allowed = {
        {"new", "open"},
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
        {"reopened", "in_progress"},
    };
    const std::set<std::string> ended = {"resolved", "closed", "cancelled", "merged"};
    for (const auto& from : statuses) {
        CHECK(is_open_case_status(from) == !ended.contains(from));
        allowed.emplace(from, from);
        if (ended.contains(from)) continue;
        for (const auto to : {"escalated", "cancelled", "merged"}) allowed.emplace(from, to);
    }
    std::size_t illegal = 0;
    for (const auto& from : statuses)
        for (const auto& to : statuses) {
            INFO(from << " -> " << to);
            CHECK(case_status_may_follow(from, to) == allowed.contains({from, to}));
            illegal += !allowed.contains({from, to});
        }
    CHECK(illegal == 144 - allowed.size());
    CHECK_FALSE(case_status_may_follow("new", "gone"));
    CHECK_FALSE(case_status_may_follow("gone", "gone"));
}

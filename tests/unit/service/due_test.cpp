#include "gateway/service/due.hpp"

#include <catch2/catch.hpp>

#include "gateway/record/timestamp.hpp"

using namespace tributary;
using namespace tributary::service;

namespace {

std::string due(const char* span, const char* from, const char* zone = "Europe/Berlin") {
    Calendar calendar;
    calendar.zone = *record::ZoneRule::find(zone);
    calendar.holidays.insert(std::chrono::sys_days(std::chrono::year(2026) / 12 / 25));
    auto parsed = parse_due(span);
    REQUIRE(parsed);
    return record::timestamp_text(due_at(*parsed, *record::parse_timestamp(from), calendar));
}

}  // namespace

TEST_CASE("when something is due", "[service][due]") {
    CHECK(due("4h", "2026-11-27T23:00:00Z") == "2026-11-28T03:00:00.000Z");
    CHECK(due("1 month", "2026-01-31T10:00:00Z") == "2026-02-28T10:00:00.000Z");
    CHECK(due("1 month", "2028-01-31T10:00:00Z") == "2028-02-29T10:00:00.000Z");
    CHECK(due("1 month", "2026-12-15T10:00:00Z") == "2027-01-15T10:00:00.000Z");
    CHECK(due("3 months", "2026-11-30T10:00:00Z") == "2027-02-28T10:00:00.000Z");
    // The clock of the zone counts: from winter to summer time.
    CHECK(due("1 month", "2026-03-10T10:00:00Z") == "2026-04-10T09:00:00.000Z");
    // A local time that is skipped.
    CHECK(due("2 months", "2026-01-29T01:30:00Z") == "2026-03-29T00:30:00.000Z");
    CHECK(due("1 working day", "2026-03-27T01:30:00Z") == "2026-03-30T00:30:00.000Z");
    CHECK(due("1 working day", "2026-11-27T15:00:00Z") == "2026-11-30T15:00:00.000Z");
    CHECK(due("15 working days", "2026-11-23T02:00:00Z") == "2026-12-14T02:00:00.000Z");
    CHECK(due("1 working day", "2026-12-24T09:00:00Z") == "2026-12-28T09:00:00.000Z");  // over the holiday
    // Which day it is depends on the place: Sunday evening in Berlin is Monday in Shanghai.
    CHECK(due("1 working day", "2026-11-22T20:00:00Z") == "2026-11-23T20:00:00.000Z");
    CHECK(due("1 working day", "2026-11-22T20:00:00Z", "Asia/Shanghai") == "2026-11-23T20:00:00.000Z");
    CHECK(due("1 working day", "2026-11-20T20:00:00Z", "Asia/Shanghai") == "2026-11-22T20:00:00.000Z");
}

TEST_CASE("times that are none", "[service][due]") {
    for (auto text :
         {"", "soon", "0h", "-1d", "0 months", "1 week", "1 working", "1 working week", "1001 months", "months"})
        CHECK_FALSE(parse_due(text).has_value());
    CHECK(parse_due(" 2  working days ")->count == 2);
}

#include "gateway/run/schedule.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "gateway/run/due_time.hpp"
#include "tests/unit/run/case_file.hpp"

using namespace tributary;
using run::Schedule;

namespace {

Timestamp at(std::string_view text) {
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    REQUIRE(std::sscanf(std::string(text).c_str(), "%d-%d-%dT%d:%d:%dZ", &y, &mo, &d, &h, &mi, &s) == 6);
    using namespace std::chrono;
    return sys_days{year{y} / mo / d} + hours{h} + minutes{mi} + seconds{s};
}

}  // namespace

TEST_CASE("every schedule of the case file runs when it should", "[cron]") {
    auto lines = test::read_cases("cron/next.txt", 4);
    REQUIRE(lines.size() > 40);
    for (const auto& line : lines) {
        INFO(line.place << " " << line.columns[1]);
        auto schedule = Schedule::parse(line.columns[1], line.columns[0]);
        REQUIRE(schedule);
        auto moment = at(line.columns[2]);
        for (auto expected : split(line.columns[3], ' ')) {
            moment = schedule->next(moment);
            CHECK(run::local_text(moment, "UTC").value() == run::local_text(at(expected), "UTC").value());
        }
    }
}

TEST_CASE("what is no schedule, or never comes true, is refused with the reason", "[cron]") {
    for (const auto& line : test::read_cases("cron/refused.txt", 2)) {
        INFO(line.place << " " << line.columns[0]);
        auto schedule = Schedule::parse(line.columns[0]);
        REQUIRE_FALSE(schedule);
        CHECK(schedule.error().fault == Fault::bad_config);
        CHECK(schedule.error().what.find(line.columns[1]) != std::string::npos);
    }
}

TEST_CASE("an unknown time zone is refused by name", "[cron]") {
    auto schedule = Schedule::parse("@daily", "Europe/Bonn");
    REQUIRE_FALSE(schedule);
    CHECK(schedule.error().what.find("Europe/Bonn") != std::string::npos);
}

TEST_CASE("runs never stand still or go back over a whole year of every hour's quarter", "[cron]") {
    for (auto zone : {"Europe/Berlin", "Australia/Lord_Howe", "UTC"}) {
        auto schedule = Schedule::parse("*/15 * * * *", zone).value();
        auto moment = at("2026-01-01T00:00:00Z");
        int runs = 0;
        for (auto end = at("2027-01-01T00:00:00Z"); moment < end; ++runs) {
            auto next = schedule.next(moment);
            REQUIRE(next > moment);
            REQUIRE(next - moment <= std::chrono::minutes{30});
            moment = next;
        }
        CHECK(runs >= 365 * 96 - 2);
        CHECK(runs <= 365 * 96 + 2);
    }
}

TEST_CASE("local time is shown with its zone", "[cron]") {
    CHECK(run::local_text(at("2026-03-29T01:00:00Z"), "Europe/Berlin").value() == "2026-03-29 03:00:00 CEST");
}

TEST_CASE("a clock that is set back does not hold up a schedule, and every look keeps its time", "[cron]") {
    const auto schedule = Schedule::parse("0 * * * *").value();
    run::DueTime due(schedule);
    const auto last = at("2026-01-05T10:00:00Z");
    CHECK(due.next(last, at("2026-01-05T10:00:30Z")) == at("2026-01-05T11:00:00Z"));
    // Set back by a day: the next hour of that day, also when it is asked just after it struck.
    CHECK(due.next(last, at("2026-01-04T10:30:00Z")) == at("2026-01-04T11:00:00Z"));
    CHECK(due.next(last, at("2026-01-04T11:00:00Z") + std::chrono::milliseconds{1}) == at("2026-01-04T11:00:00Z"));
    const auto ran = at("2026-01-04T11:00:00Z") + std::chrono::milliseconds{2};
    CHECK(due.next(ran, at("2026-01-04T11:01:00Z")) == at("2026-01-04T12:00:00Z"));
    // Set forward: once, now.
    CHECK(due.next(ran, at("2026-01-06T11:01:00Z")) == at("2026-01-04T12:00:00Z"));
}

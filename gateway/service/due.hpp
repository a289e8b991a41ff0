// Due: a span of time as laws and service levels state it: hours and days by the clock, working days, months.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/record/zone.hpp"

namespace tributary::service {

struct Due {
    enum class Unit { clock, working_days, months };
    Unit unit = Unit::clock;
    Milliseconds span{0};  // clock
    int count = 0;         // working days or months
};

// "4h", "2d", "1 month", "3 months", "1 working day", "15 working days".
Result<Due> parse_due(std::string_view text);

// Which days count as working days, and where.
struct Calendar {
    record::ZoneRule zone;                       // REQUIRES: known()
    std::set<unsigned> weekdays{1, 2, 3, 4, 5};  // ISO: Monday is 1; never empty
    std::set<std::chrono::sys_days> holidays;    // local dates
};

// When what began at `from` is due. The day on which it began does not count. A month ends on the same day of a later
// month, or on its last day when that month is shorter, at the same time of day: never later than Regulation (EEC,
// Euratom) 1182/71 has it, which lets the whole last day pass and moves it off weekends. A holiday that the calendar
// does not know makes a date earlier, never later.
Timestamp due_at(const Due& due, Timestamp from, const Calendar& calendar);

}  // namespace tributary::service

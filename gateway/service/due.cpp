#include "gateway/service/due.hpp"

#include <algorithm>

#include "gateway/base/duration.hpp"
#include "gateway/base/text.hpp"

namespace tributary::service {
namespace {

constexpr long long kMost = 1000;  // working days or months: more is a slip of the pen

bool works(const Calendar& calendar, std::chrono::sys_days day) {
    return calendar.weekdays.contains(std::chrono::weekday(day).iso_encoding()) && !calendar.holidays.contains(day);
}

// A time that the zone skips is taken an hour earlier, which it never skips as well.
Timestamp utc(const Calendar& calendar, Timestamp local) {
    auto found = calendar.zone.to_utc(local);
    if (!found) found = calendar.zone.to_utc(local - std::chrono::hours(1));
    return found ? found->at : local;
}

}  // namespace

Result<Due> parse_due(std::string_view text) {
    auto words = split(trim(text), ' ');
    std::erase_if(words, [](std::string_view word) { return word.empty(); });
    if (words.size() == 1) {
        auto span = parse_duration(words.front());
        if (span && span->count() > 0) return Due{.span = *span};
    } else if (!words.empty()) {
        auto count = to_integer(words.front());
        bool months = words.size() == 2 && (words[1] == "month" || words[1] == "months");
        bool days = words.size() == 3 && words[1] == "working" && (words[2] == "day" || words[2] == "days");
        if (count && *count > 0 && *count <= kMost && (months || days))
            return Due{.unit = months ? Due::Unit::months : Due::Unit::working_days, .count = static_cast<int>(*count)};
    }
    return fail(Fault::bad_config, "must be a time such as 4h, 2d, 15 working days or 1 month");
}

Timestamp due_at(const Due& due, Timestamp from, const Calendar& calendar) {
    namespace ch = std::chrono;
    if (due.unit == Due::Unit::clock) return from + due.span;
    auto local = calendar.zone.to_local(from);
    auto day = ch::floor<ch::days>(local);
    auto time_of_day = local - day;
    if (due.unit == Due::Unit::months) {
        ch::year_month_day date(day);
        auto month = ch::year_month(date.year(), date.month()) + ch::months(due.count);
        auto last = ch::year_month_day(month / ch::last);
        day = ch::sys_days(month / std::min(date.day(), last.day()));
        return utc(calendar, day + time_of_day);
    }
    // Bounded: `holidays` is finite and some weekday works.
    for (int left = due.count; left > 0;) {
        day += ch::days(1);
        if (works(calendar, day)) --left;
    }
    return utc(calendar, day + time_of_day);
}

}  // namespace tributary::service

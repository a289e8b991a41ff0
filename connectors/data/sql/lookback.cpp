#include "connectors/data/sql/lookback.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <chrono>

namespace tributary::connectors::sql {

namespace {

using std::chrono::sys_seconds;

// The digits at [from, from + size), nullopt when they are none.
std::optional<int> number_at(std::string_view text, std::size_t from, std::size_t size) {
    if (text.size() < from + size) return std::nullopt;
    int value = 0;
    const auto* const end = text.data() + from + size;
    const auto [stop, error] = std::from_chars(text.data() + from, end, value);
    if (error != std::errc{} || stop != end || value < 0) return std::nullopt;
    return value;
}

std::optional<std::chrono::sys_days> day_of(std::string_view time) {
    const auto year = number_at(time, 0, 4), month = number_at(time, 5, 2), day = number_at(time, 8, 2);
    if (!year || !month || !day || time[4] != '-' || time[7] != '-') return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date);
}

std::string text_of(std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    return fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day()));
}

}  // namespace

std::optional<std::string> earlier_time(std::string_view time, std::int64_t milliseconds) {
    const auto day = day_of(time);
    if (!day) return std::nullopt;
    if (time.size() == 10) {
        constexpr std::int64_t kDay = 86'400'000;
        return text_of(*day - std::chrono::days((milliseconds + kDay - 1) / kDay));
    }
    const auto hour = number_at(time, 11, 2), minute = number_at(time, 14, 2), second = number_at(time, 17, 2);
    if (!hour || !minute || !second || (time[10] != 'T' && time[10] != ' ') || time[13] != ':' || time[16] != ':') {
        return std::nullopt;
    }
    const sys_seconds moment = sys_seconds(*day) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                               std::chrono::seconds(*second) - std::chrono::seconds((milliseconds + 999) / 1000);
    const auto date = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::hh_mm_ss clock(moment - date);
    return fmt::format("{}{}{:02}:{:02}:{:02}{}", text_of(date), time[10], clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), time.substr(19));
}

std::optional<Parameter> look_back(const Stream& stream, const Parameter& cursor) {
    if (const auto* const time = std::get_if<std::string>(&cursor); time && stream.lookback_ms) {
        if (auto earlier = earlier_time(*time, *stream.lookback_ms)) return Parameter(std::move(*earlier));
    }
    if (const auto* const number = std::get_if<std::int64_t>(&cursor); number && stream.lookback_amount) {
        return Parameter(*number - *stream.lookback_amount);
    }
    return std::nullopt;
}

}  // namespace tributary::connectors::sql

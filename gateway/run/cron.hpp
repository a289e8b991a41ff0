// Cron: a five-field cron expression over local minutes, without any time zone. One that can never come true is
// refused.
//
// Fields: minute 0-59, hour 0-23, day of month 1-31, month 1-12 or jan-dec, day of week 0-7 or sun-sat (0 and 7:
// Sunday). Each takes *, a, a-b, */n, a-b/n, a/n and lists. Also @hourly, @daily, @midnight, @weekly, @monthly,
// @yearly, @annually. When both day fields are restricted, a day matches if either does (as in Vixie cron); a field
// that begins with * is not restricted. L, W, # and @reboot are refused.
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string_view>

#include "gateway/base/result.hpp"

namespace tributary::run {

// A wall-clock reading without a zone.
using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

class Cron {
  public:
    // Fault::bad_config naming the field and what it takes.
    static Result<Cron> parse(std::string_view text);

    // The first matching minute at or after `from`.
    LocalMinute next_at_or_after(LocalMinute from) const;
    bool matches(LocalMinute at) const;
    // It names no hours: such a schedule counts elapsed time rather than times of day.
    bool every_hour() const { return hours_.all(); }

  private:
    bool day_matches(std::chrono::year_month_day day) const;
    std::optional<LocalMinute> find(LocalMinute from) const;
    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;
    std::bitset<13> months_;
    std::bitset<7> weekdays_;
    bool any_day_ = false, any_weekday_ = false;
};

}  // namespace tributary::run

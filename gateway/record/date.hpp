// Calendar days without a time or zone, whole and partial (ISO 8601, and the truncated --MM-DD of vCard 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tributary::record {

// year 0: unknown. month and day 0: unknown. At least one of year and month is known.
struct PartialDate {
    std::int16_t year = 0;
    std::uint8_t month = 0, day = 0;
    bool whole() const { return year != 0 && month != 0 && day != 0; }
    std::string text() const;
    friend bool operator==(const PartialDate&, const PartialDate&) = default;
};

// YYYY-MM-DD of a day that exists, years 1 to 9999.
bool is_date(std::string_view text);
std::optional<PartialDate> parse_partial_date(std::string_view text);
int days_in_month(int year, int month);

}  // namespace tributary::record

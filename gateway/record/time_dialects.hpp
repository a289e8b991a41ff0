// The ways in which platforms write times, each read into a CivilTime; timestamp.hpp says which is which.
// nullopt: the text is not of that form. Internal to record.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/record/time_pattern.hpp"
#include "gateway/value/document.hpp"

namespace tributary::record {

std::optional<CivilTime> read_rfc3339(std::string_view text);
std::optional<CivilTime> read_rfc2822(std::string_view text);
// Digits since 1970 in units of 10^(-3 - scale) seconds: scale -3 counts seconds, 0 milliseconds, 3 microseconds.
std::optional<CivilTime> read_count(std::string_view digits, int scale);
std::optional<CivilTime> read_odata(std::string_view text);
// A calendar day alone: its midnight.
std::optional<CivilTime> read_day(std::string_view text);
// {"__class__": "datetime" or "date", ...}
std::optional<CivilTime> read_object(value::Node in);

}  // namespace tributary::record

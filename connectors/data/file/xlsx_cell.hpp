// Cells of an Excel workbook (ECMA-376 part 1, 18.3 to 18.8): which number formats are dates, and what a date's number
// means. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tributary::connectors::file {

// Whether a built-in format is a date or a time (18.8.30, and the East Asian ones).
bool is_date_format(std::uint32_t id);
// Whether a format's code shows a date or a time: y m d h s outside quotes, escapes and brackets.
bool is_date_code(std::string_view code);

// "2024-01-31", "2024-01-31T12:30:00" (".250" when there are milliseconds), "12:30:00" below one day. nullopt: no date
// that Excel knows (negative, beyond the year 9999).
std::optional<std::string> date_of(std::string_view serial, bool since_1904);

// "AB12" is column 27, from 0. nullopt when it is no cell or beyond XFD.
std::optional<std::size_t> column_of(std::string_view reference);
// 27 is "AB".
std::string column_name(std::size_t column);

}  // namespace tributary::connectors::file

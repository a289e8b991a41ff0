#include "connectors/data/file/xlsx_cell.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>

namespace tributary::connectors::file {

namespace {
constexpr std::size_t kColumns = 16'384;  // XFD
constexpr std::int64_t kDay = 86'400'000;
}  // namespace

bool is_date_format(std::uint32_t id) {
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

bool is_date_code(std::string_view code) {
    for (std::size_t i = 0; i < code.size(); ++i) {
        const char c = code[i];
        if (c == ';') return false;  // the first section is for positive numbers
        if (c == '"') {
            i = code.find('"', i + 1);
        } else if (c == '\\' || c == '_' || c == '*') {
            ++i;
        } else if (c == '[') {
            const auto end = code.find(']', i);
            if (end == code.npos) return false;
            // [h], [mm], [ss] are spans of time; [Red], [$-409], [>100] are not.
            const auto inside = code.substr(i + 1, end - i - 1);
            if (!inside.empty() && inside.find_first_not_of("hHmMsS") == inside.npos) return true;
            i = end;
        } else if (code.substr(i, 7) == "General") {
            i += 6;
        } else if (std::string_view("yYmMdDhHsS").find(c) != std::string_view::npos) {
            return true;
        }
        if (i == code.npos) return false;
    }
    return false;
}

std::optional<std::string> date_of(std::string_view serial, bool since_1904) {
    double days = 0;
    const auto read = std::from_chars(serial.data(), serial.data() + serial.size(), days);
    if (read.ec != std::errc() || read.ptr != serial.data() + serial.size()) return std::nullopt;
    if (!(days >= 0) || days >= 2'958'466) return std::nullopt;
    auto milliseconds = static_cast<std::int64_t>(std::llround(days * kDay));
    std::int64_t day = milliseconds / kDay;
    milliseconds %= kDay;
    const bool whole = milliseconds == 0;
    const auto seconds = milliseconds / 1000;
    auto clock = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (milliseconds % 1000 != 0) clock += fmt::format(".{:03}", milliseconds % 1000);
    if (day == 0 && !since_1904) return clock;  // a time alone
    std::string date;
    if (!since_1904 && day == 60) {
        date = "1900-02-29";  // a day that Excel alone knows, kept from Lotus 1-2-3
    } else {
        using namespace std::chrono;
        const auto epoch = since_1904 ? sys_days(year(1904) / 1 / 1)
                           : day < 60 ? sys_days(year(1899) / 12 / 31)
                                      : sys_days(year(1899) / 12 / 30);
        const year_month_day ymd(epoch + std::chrono::days(day));
        if (int(ymd.year()) > 9999) return std::nullopt;
        date = fmt::format("{:04}-{:02}-{:02}", int(ymd.year()), unsigned(ymd.month()), unsigned(ymd.day()));
    }
    return whole ? date : date + 'T' + clock;
}

std::optional<std::size_t> column_of(std::string_view reference) {
    std::size_t column = 0, letters = 0;
    while (letters < reference.size() && reference[letters] >= 'A' && reference[letters] <= 'Z' && letters < 4) {
        column = column * 26 + static_cast<std::size_t>(reference[letters++] - 'A' + 1);
    }
    if (letters == 0 || letters == reference.size() || column > kColumns) return std::nullopt;
    if (reference.find_first_not_of("0123456789", letters) != reference.npos) return std::nullopt;
    return column - 1;
}

std::string column_name(std::size_t column) {
    std::string out;
    for (std::size_t rest = column + 1; rest > 0; rest = (rest - 1) / 26)
        out.insert(out.begin(), static_cast<char>('A' + (rest - 1) % 26));
    return out;
}

}  // namespace tributary::connectors::file

#include "gateway/record/date.hpp"

#include <array>

namespace tributary::record {

namespace {

// Exactly `size` digits, or -1.
int digits(std::string_view text, std::size_t at, std::size_t size) {
    int value = 0;
    for (std::size_t i = at; i < at + size; ++i) {
        if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

void put(std::string& out, int value, int size) {
    for (int scale = size == 4 ? 1000 : 10; scale > 0; scale /= 10) out += static_cast<char>('0' + value / scale % 10);
}

}  // namespace

int days_in_month(int year, int month) {
    constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12) return 0;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

bool is_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    return year > 0 && day > 0 && day <= days_in_month(year, month);
}

std::string PartialDate::text() const {
    std::string out;
    if (year)
        put(out, year, 4);
    else
        out += '-';
    if (month) out += '-', put(out, month, 2);
    if (day) out += '-', put(out, day, 2);
    return out;
}

std::optional<PartialDate> parse_partial_date(std::string_view text) {
    PartialDate date;
    if (text.size() == 7 && text.starts_with("--") && text[4] == '-') {
        const int month = digits(text, 2, 2), day = digits(text, 5, 2);
        if (day < 1 || day > days_in_month(2000, month)) return std::nullopt;  // 29 February has some year
        return PartialDate{0, static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(day)};
    }
    const int year = digits(text, 0, 4);
    if (year < 1) return std::nullopt;
    date.year = static_cast<std::int16_t>(year);
    if (text.size() == 4) return date;
    const int month = digits(text, 5, 2);
    if (text[4] != '-' || month < 1 || month > 12) return std::nullopt;
    date.month = static_cast<std::uint8_t>(month);
    if (text.size() == 7) return date;
    if (!is_date(text)) return std::nullopt;
    date.day = static_cast<std::uint8_t>(digits(text, 8, 2));
    return date;
}

}  // namespace tributary::record

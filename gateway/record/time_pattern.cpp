#include "gateway/record/time_pattern.hpp"

#include <array>

#include "gateway/base/text.hpp"
#include "gateway/record/date.hpp"
#include "gateway/record/zone.hpp"

namespace tributary::record {

namespace {

constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                       "friday", "saturday", "sunday"};

// The whole word or its first three letters; its index plus one.
template <std::size_t N>
std::optional<int> take_name(std::string_view& text, const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; i < N; ++i) {
        for (const auto size : {names[i].size(), std::size_t{3}}) {
            if (!equal_ignoring_case(text.substr(0, size), names[i].substr(0, size))) continue;
            text.remove_prefix(size);
            return static_cast<int>(i + 1);
        }
    }
    return std::nullopt;
}

void put(std::string& out, long long value, int width) {
    const auto digits = std::to_string(value);
    out.append(static_cast<std::size_t>(std::max(0, width - static_cast<int>(digits.size()))), '0');
    out += digits;
}

std::string_view capital(std::string_view name, std::string& scratch, std::size_t size) {
    scratch.assign(name.substr(0, size));
    scratch[0] = static_cast<char>(scratch[0] - 32);
    return scratch;
}

// What the directives of one pattern have said so far.
struct Reading {
    CivilTime time;
    std::optional<int> day_of_year, hour12;
    bool afternoon = false, has_half = false;

    bool take(char directive, std::string_view& text);
    bool finish();
};

bool set(int& field, std::optional<int> value) {
    if (value) field = *value;
    return value.has_value();
}

bool Reading::take(char directive, std::string_view& text) {
    switch (directive) {
        case 'Y':
            return set(time.year, take_digits(text, 4, 4));
        case 'm':
            return set(time.month, take_digits(text, 1, 2));
        case 'd':
            return set(time.day, take_digits(text, 1, 2));
        case 'e':
            if (text.starts_with(' ')) text.remove_prefix(1);
            return set(time.day, take_digits(text, 1, 2));
        case 'H':
            return set(time.hour, take_digits(text, 1, 2));
        case 'M':
            return set(time.minute, take_digits(text, 2, 2));
        case 'S':
            return set(time.second, take_digits(text, 2, 2));
        case 'f':
            return set(time.millisecond, take_fraction(text));
        case 'b':
            return set(time.month, take_month(text));
        case 'a':
            return take_weekday(text);
        case 'j':
            return (day_of_year = take_digits(text, 3, 3)).has_value();
        case 'I':
            return (hour12 = take_digits(text, 1, 2)).has_value();
        case 'z':
            return (time.offset = take_offset(text)).has_value();
        case 'y': {  // POSIX: 69 to 99 are of the last century
            const auto year = take_digits(text, 2, 2);
            if (year) time.year = *year + (*year < 69 ? 2000 : 1900);
            return year.has_value();
        }
        case 'p': {
            const auto half = text.substr(0, 2);
            afternoon = equal_ignoring_case(half, "pm");
            has_half = afternoon || equal_ignoring_case(half, "am");
            if (has_half) text.remove_prefix(2);
            return has_half;
        }
        case 'Z':
            for (const std::string_view name : {"UTC", "GMT", "Z"}) {
                if (!text.starts_with(name)) continue;
                text.remove_prefix(name.size());
                time.offset = std::chrono::minutes{0};
                return true;
            }
            return false;
        default: {  // 's'
            const bool minus = text.starts_with('-');
            if (minus) text.remove_prefix(1);
            const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
            const auto seconds = to_integer(text.substr(0, end));
            if (!seconds || *seconds > 253402300799) return false;  // the end of the year 9999
            text.remove_prefix(end);
            time.instant = Timestamp{std::chrono::seconds{minus ? -*seconds : *seconds}};
            return true;
        }
    }
}

bool Reading::finish() {
    if (hour12) {
        if (*hour12 < 1 || *hour12 > 12 || !has_half) return false;
        time.hour = *hour12 % 12 + (afternoon ? 12 : 0);
    }
    if (day_of_year) {
        int rest = *day_of_year;
        time.month = 1;
        while (time.month <= 12 && rest > days_in_month(time.year, time.month))
            rest -= days_in_month(time.year, time.month++);
        time.day = rest;
    }
    return true;
}

}  // namespace

std::optional<int> take_digits(std::string_view& text, std::size_t least, std::size_t most) {
    int value = 0;
    std::size_t size = 0;
    for (; size < most && size < text.size() && text[size] >= '0' && text[size] <= '9'; ++size)
        value = value * 10 + (text[size] - '0');
    if (size < least) return std::nullopt;
    text.remove_prefix(size);
    return value;
}

std::optional<int> take_fraction(std::string_view& text) {
    int value = 0, scale = 100;
    std::size_t size = 0;
    for (; size < text.size() && text[size] >= '0' && text[size] <= '9'; ++size, scale /= 10)
        value += (text[size] - '0') * scale;
    if (size == 0) return std::nullopt;
    text.remove_prefix(size);
    return value;
}

std::optional<int> take_month(std::string_view& text) {
    return take_name(text, kMonths);
}
bool take_weekday(std::string_view& text) {
    return take_name(text, kWeekdays).has_value();
}

std::optional<Timestamp> CivilTime::reading() const {
    if (instant) return instant;
    if (year < 1 || year > 9999 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
    if (hour > 23 || minute > 59 || second > 60 || (second == 60 && minute != 59)) return std::nullopt;
    using namespace std::chrono;
    const sys_days days = std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day);
    return days + hours{hour} + minutes{minute} + seconds{second} + Milliseconds{millisecond};
}

Result<TimePattern> TimePattern::compile(std::string_view pattern) {
    TimePattern compiled;
    std::string seen;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] != '%') {
            compiled.ops_.push_back({0, pattern[at]});
            continue;
        }
        char directive = at + 1 < pattern.size() ? pattern[++at] : '\0';
        if (directive == '%') {
            compiled.ops_.push_back({0, '%'});
            continue;
        }
        if (directive == 'B') directive = 'b';
        if (directive == 'A') directive = 'a';
        if (std::string_view("YmdeHMSfbajIzypZs").find(directive) == std::string_view::npos || directive == '\0')
            return fail(Fault::bad_config,
                        "the pattern has an unknown directive; known are %Y %y %m %b %d %e %j %H %I %p %M %S %f %z %Z "
                        "%a %s %%");
        compiled.ops_.push_back({directive, 0});
        seen += directive;
    }
    auto has = [&](std::string_view any) { return seen.find_first_of(any) != std::string::npos; };
    if (!has("s") && !(has("Yy") && (has("j") || (has("mb") && has("de")))))
        return fail(Fault::bad_config, "the pattern does not make a day: it needs a year, a month and a day, or %s");
    if (has("I") != has("p")) return fail(Fault::bad_config, "%I and %p belong together");
    return compiled;
}

std::optional<CivilTime> TimePattern::read(std::string_view text) const {
    Reading reading;
    for (const auto& op : ops_) {
        if (op.directive == 0) {
            if (text.empty() || text.front() != op.literal) return std::nullopt;
            text.remove_prefix(1);
        } else if (!reading.take(op.directive, text)) {
            return std::nullopt;
        }
    }
    if (!text.empty() || !reading.finish()) return std::nullopt;
    return reading.time;
}

void TimePattern::write(Timestamp local, std::chrono::minutes offset, std::string& out) const {
    using namespace std::chrono;
    const auto day = floor<days>(local);
    const year_month_day date(day);
    const hh_mm_ss time(local - day);
    const auto month_name = kMonths[static_cast<unsigned>(date.month()) - 1];
    const auto weekday_name = kWeekdays[weekday(day).iso_encoding() - 1];
    std::string scratch;
    for (const auto& op : ops_) {
        switch (op.directive) {
            case 0:
                out += op.literal;
                break;
            case 'Y':
                put(out, static_cast<int>(date.year()), 4);
                break;
            case 'y':
                put(out, static_cast<int>(date.year()) % 100, 2);
                break;
            case 'm':
                put(out, static_cast<unsigned>(date.month()), 2);
                break;
            case 'b':
                out += capital(month_name, scratch, 3);
                break;
            case 'a':
                out += capital(weekday_name, scratch, 3);
                break;
            case 'd':
            case 'e':
                put(out, static_cast<unsigned>(date.day()), 2);
                break;
            case 'j':
                put(out, (day - sys_days(date.year() / 1 / 1)).count() + 1, 3);
                break;
            case 'H':
                put(out, time.hours().count(), 2);
                break;
            case 'I':
                put(out, (time.hours().count() + 11) % 12 + 1, 2);
                break;
            case 'p':
                out += time.hours().count() < 12 ? "AM" : "PM";
                break;
            case 'M':
                put(out, time.minutes().count(), 2);
                break;
            case 'S':
                put(out, time.seconds().count(), 2);
                break;
            case 'f':
                put(out, time.subseconds().count(), 3);
                break;
            case 'z':
                out += offset.count() < 0 ? '-' : '+';
                put(out, std::abs(offset.count()) / 60 * 100 + std::abs(offset.count()) % 60, 4);
                break;
            case 'Z':
                out += "UTC";
                break;
            default:
                out += std::to_string(floor<seconds>(local - offset).time_since_epoch().count());
                break;
        }
    }
}

}  // namespace tributary::record

#include "gateway/record/time_dialects.hpp"

#include "gateway/base/text.hpp"
#include "gateway/record/date.hpp"
#include "gateway/record/decimal.hpp"
#include "gateway/record/zone.hpp"

namespace tributary::record {

namespace {

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

bool put(int& field, std::optional<int> value) {
    if (value) field = *value;
    return value.has_value();
}

// Two digits at a fixed place, or something beyond every range.
int pair(std::string_view text, std::size_t at) {
    const auto a = static_cast<unsigned>(text[at] - '0'), b = static_cast<unsigned>(text[at + 1] - '0');
    return a > 9 || b > 9 ? 100 : static_cast<int>(a * 10 + b);
}

// RFC 5322 section 4.3: the named zones of old. Anything else with letters says nothing about the offset.
std::optional<std::chrono::minutes> named_offset(std::string_view name) {
    struct Zone {
        std::string_view name;
        int hours;
    };
    constexpr Zone kZones[] = {{"GMT", 0},  {"UT", 0},   {"UTC", 0},  {"Z", 0},    {"EST", -5}, {"EDT", -4},
                               {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
    for (const auto& zone : kZones)
        if (equal_ignoring_case(zone.name, name)) return std::chrono::hours{zone.hours};
    return std::nullopt;
}

}  // namespace

std::optional<CivilTime> read_rfc3339(std::string_view text) {
    if (text.size() < 16 || text[4] != '-' || text[7] != '-' || text[13] != ':') return std::nullopt;
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
    const int century = pair(text, 0), year = pair(text, 2);
    if (century > 99 || year > 99) return std::nullopt;
    CivilTime time{.year = century * 100 + year,
                   .month = pair(text, 5),
                   .day = pair(text, 8),
                   .hour = pair(text, 11),
                   .minute = pair(text, 14),
                   .offset = {},
                   .instant = {}};
    text.remove_prefix(16);
    if (take(text, ':')) {
        if (!put(time.second, take_digits(text, 2, 2))) return std::nullopt;
        if (text.starts_with('.') || text.starts_with(',')) {
            text.remove_prefix(1);
            if (!put(time.millisecond, take_fraction(text))) return std::nullopt;
        }
    }
    if (text.starts_with(' ')) text.remove_prefix(1);
    if (text == "UTC" || text == "GMT") {
        time.offset = std::chrono::minutes{0};
        return time;
    }
    if (!text.empty() && (!(time.offset = take_offset(text)) || !text.empty())) return std::nullopt;
    return time;
}

// RFC 5322 date-time; also "05-Jan-2026 10:00:00 +0100" as IMAP writes its internal date.
std::optional<CivilTime> read_rfc2822(std::string_view text) {
    CivilTime time;
    auto spaces = [&] {
        while (take(text, ' ')) continue;
    };
    auto separator = [&] {
        if (!take(text, '-')) spaces();
    };
    if (take_weekday(text) && !take(text, ',')) return std::nullopt;
    spaces();
    if (!put(time.day, take_digits(text, 1, 2))) return std::nullopt;
    separator();
    if (!put(time.month, take_month(text))) return std::nullopt;
    separator();
    if (!put(time.year, take_digits(text, 4, 4))) return std::nullopt;
    spaces();
    if (!put(time.hour, take_digits(text, 2, 2)) || !take(text, ':') || !put(time.minute, take_digits(text, 2, 2)))
        return std::nullopt;
    if (take(text, ':') && !put(time.second, take_digits(text, 2, 2))) return std::nullopt;
    spaces();
    text = text.substr(0, text.find(" ("));  // a comment
    if (text.empty()) return time;
    auto rest = text;
    time.offset = take_offset(rest);
    if (!time.offset || !rest.empty()) time.offset = named_offset(text);
    if (!time.offset) return std::nullopt;
    return time;
}

std::optional<CivilTime> read_count(std::string_view digits, int scale) {
    const auto number = parse_decimal(digits);
    if (!number) return std::nullopt;
    // What is finer than a millisecond is cut off towards the past, for all signs alike.
    const int fraction = number->scale + scale;
    __int128 ms = number->units;
    for (int i = fraction; i < 0; ++i) ms *= 10;
    bool inexact = false;
    for (int i = fraction; i > 0; --i) inexact |= ms % 10 != 0, ms /= 10;
    if (inexact && number->units < 0) --ms;
    constexpr __int128 kLimit = 400'000'000'000'000;
    if (ms > kLimit || ms < -kLimit) return std::nullopt;
    CivilTime time;
    time.instant = Timestamp{Milliseconds{static_cast<std::int64_t>(ms)}};
    return time;
}

std::optional<CivilTime> read_odata(std::string_view text) {
    if (!text.starts_with("/Date(") || !text.ends_with(")/")) return std::nullopt;
    text = text.substr(6, text.size() - 8);
    const auto sign = text.find_first_of("+-", 1);
    if (sign != std::string_view::npos) {  // minutes (OData) or hours and minutes (WCF); it moves nothing
        auto offset = text.substr(sign + 1);
        if (!take_digits(offset, 4, 4) || !offset.empty()) return std::nullopt;
    }
    const auto digits = text.substr(0, sign);
    if (digits.find_first_not_of("0123456789", digits.starts_with('-') ? 1 : 0) != std::string_view::npos)
        return std::nullopt;
    return read_count(digits, 0);
}

std::optional<CivilTime> read_day(std::string_view text) {
    if (!is_date(text)) return std::nullopt;
    return CivilTime{.year = pair(text, 0) * 100 + pair(text, 2),
                     .month = pair(text, 5),
                     .day = pair(text, 8),
                     .offset = {},
                     .instant = {}};
}

std::optional<CivilTime> read_object(value::Node in) {
    const auto kind = in.find("__class__").text();
    if (kind != "datetime" && kind != "date") return std::nullopt;
    bool fine = true;
    auto part = [&](std::string_view name, int otherwise) {
        const auto node = in.find(name);
        if (!node) return otherwise;
        fine = fine && node.is(value::Kind::integer) && node.integer() >= 0 && node.integer() < 1'000'000;
        return fine ? static_cast<int>(node.integer()) : 0;
    };
    CivilTime time{
        .year = part("year", 0), .month = part("month", 0), .day = part("day", 0), .offset = {}, .instant = {}};
    if (kind == "datetime") {
        time.hour = part("hour", 0);
        time.minute = part("minute", 0);
        time.second = part("second", 0);
        time.millisecond = part("microsecond", 0) / 1000;
    }
    if (!fine) return std::nullopt;
    return time;
}

}  // namespace tributary::record

#include "gateway/run/cron.hpp"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <optional>
#include <string>

#include "gateway/base/text.hpp"

namespace tributary::run {

using namespace std::chrono;

namespace {

struct Field {
    const char* name;
    int low, high;
    std::string_view names;  // three letters each, the first one stands for `low`... of the named values
    int first_name;
};

constexpr std::array kFields{
    Field{"minute", 0, 59, "", 0},
    Field{"hour", 0, 23, "", 0},
    Field{"day of month", 1, 31, "", 0},
    Field{"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec", 1},
    Field{"day of week", 0, 7, "sunmontuewedthufrisat", 0},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNicknames{{
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
}};

std::optional<int> value_of(const Field& field, std::string_view text) {
    auto name = lower_ascii(text);
    if (name.size() == 3) {
        auto at = field.names.find(name);
        if (at != std::string_view::npos && at % 3 == 0) return field.first_name + static_cast<int>(at / 3);
    }
    if (text.empty() || text.size() > 2 || text.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    auto number = static_cast<int>(*to_integer(text));
    if (number < field.low || number > field.high) return std::nullopt;
    return number;
}

std::unexpected<Error> bad(const Field& field, std::string_view piece) {
    return fail(Fault::bad_config,
                fmt::format("cron: \"{}\" is no {}: give {}-{}{}, *, a-b, a-b/n or a list of them", piece, field.name,
                            field.low, field.high, field.names.empty() ? "" : " or three-letter names"));
}

// One element of a list: *, a, a-b, each with an optional /n; a/n runs from a to the highest value.
template <std::size_t N>
Result<void> add_piece(const Field& field, std::string_view piece, std::bitset<N>& set) {
    auto slash = piece.find('/');
    auto range = piece.substr(0, slash);
    int step = 1, low = field.low, high = field.high;
    if (slash != std::string_view::npos) {
        auto number = to_integer(piece.substr(slash + 1));
        if (!number || *number < 1 || *number > field.high) return bad(field, piece);
        step = static_cast<int>(*number);
    }
    if (range != "*") {
        auto dash = range.find('-');
        auto first = value_of(field, range.substr(0, dash));
        if (!first) return bad(field, piece);
        low = *first;
        if (dash != std::string_view::npos) {
            auto last = value_of(field, range.substr(dash + 1));
            if (!last || *last < low) return bad(field, piece);
            high = *last;
        } else if (slash == std::string_view::npos) {
            high = low;
        }
    } else if (field.high == 7) {
        high = 6;  // * is each weekday once
    }
    for (int i = low; i <= high; i += step) set.set(static_cast<std::size_t>(field.high == 7 ? i % 7 : i));
    return {};
}

template <std::size_t N>
Result<void> add_field(const Field& field, std::string_view text, std::bitset<N>& set) {
    for (auto piece : split(text, ',')) CHECK_OK(add_piece(field, piece, set));
    return {};
}

Result<std::array<std::string_view, 5>> five_fields(std::string_view text) {
    std::array<std::string_view, 5> fields;
    std::size_t count = 0;
    for (auto word : split(text, ' ')) {
        word = trim(word);
        if (word.empty()) continue;
        if (count == fields.size()) return fail(Fault::bad_config, "cron: more than five fields");
        fields[count++] = word;
    }
    if (count < fields.size())
        return fail(Fault::bad_config,
                    "cron: give five fields (minute hour day-of-month month day-of-week) or a name such as @hourly");
    return fields;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
    text = trim(text);
    if (text.starts_with('@')) {
        auto name = lower_ascii(text);
        for (auto [nickname, meaning] : kNicknames)
            if (name == nickname) return parse(meaning);
        return fail(Fault::bad_config,
                    "cron: unknown name; known are @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually");
    }
    TRY(auto fields, five_fields(text));
    Cron cron;
    CHECK_OK(add_field(kFields[0], fields[0], cron.minutes_));
    CHECK_OK(add_field(kFields[1], fields[1], cron.hours_));
    CHECK_OK(add_field(kFields[2], fields[2], cron.days_));
    CHECK_OK(add_field(kFields[3], fields[3], cron.months_));
    CHECK_OK(add_field(kFields[4], fields[4], cron.weekdays_));
    cron.any_day_ = fields[2].starts_with('*');
    cron.any_weekday_ = fields[4].starts_with('*');
    if (!cron.find(LocalMinute{local_days{year{2000} / January / 1}}))
        return fail(Fault::bad_config, "cron: this never comes true: no month named has such a day");
    return cron;
}

bool Cron::day_matches(year_month_day date) const {
    if (!months_.test(static_cast<unsigned>(date.month()))) return false;
    bool day = days_.test(static_cast<unsigned>(date.day()));
    bool weekday = weekdays_.test(std::chrono::weekday{local_days{date}}.c_encoding());
    return any_day_ || any_weekday_ ? day && weekday : day || weekday;
}

// 29 February on one given weekday comes back within 40 years, also across 2100.
std::optional<LocalMinute> Cron::find(LocalMinute from) const {
    auto first_day = floor<days>(from);
    for (auto day = first_day; day <= first_day + days{366 * 41}; day += days{1}) {
        if (!day_matches(year_month_day{day})) continue;
        auto minute_of_day = day == first_day ? (from - first_day).count() : 0;
        for (; minute_of_day < 24 * 60; ++minute_of_day) {
            auto hour = static_cast<std::size_t>(minute_of_day / 60);
            if (!hours_.test(hour)) {
                minute_of_day = static_cast<int>(hour) * 60 + 59;
                continue;
            }
            if (minutes_.test(static_cast<std::size_t>(minute_of_day % 60))) return day + minutes{minute_of_day};
        }
    }
    return std::nullopt;
}

LocalMinute Cron::next_at_or_after(LocalMinute from) const {
    auto found = find(from);
    assert(found);  // parse() refuses what never comes true
    return *found;
}

bool Cron::matches(LocalMinute at) const {
    return next_at_or_after(at) == at;
}

}  // namespace tributary::run

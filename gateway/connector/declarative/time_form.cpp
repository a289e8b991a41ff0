#include "gateway/connector/declarative/time_form.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gateway/base/text.hpp"
#include "gateway/net/http_date.hpp"
#include "gateway/value/number.hpp"

namespace tributary::connector {
namespace {

using namespace std::chrono;

struct Civil {
    int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0;
};

std::optional<Timestamp> moment(const Civil& c) {
    const year_month_day date{year(c.year), month(static_cast<unsigned>(c.month)), day(static_cast<unsigned>(c.day))};
    const auto within = [](int value, int least, int most) { return value >= least && value <= most; };
    if (!within(c.year, 1, 9999) || !within(c.month, 1, 12) || !within(c.day, 1, 31) || !date.ok()) return std::nullopt;
    if (!within(c.hour, 0, 23) || !within(c.minute, 0, 59) || !within(c.second, 0, 60)) return std::nullopt;
    if (!within(c.millisecond, 0, 999)) return std::nullopt;
    return Timestamp(sys_days(date).time_since_epoch() + hours(c.hour) + minutes(c.minute) + seconds(c.second) +
                     milliseconds(c.millisecond));
}

Civil civil(Timestamp at) {
    const auto day_start = floor<days>(at);
    const year_month_day date{day_start};
    const hh_mm_ss time{at - day_start};
    return {static_cast<int>(date.year()),
            static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day())),
            static_cast<int>(time.hours().count()),
            static_cast<int>(time.minutes().count()),
            static_cast<int>(time.seconds().count()),
            static_cast<int>(time.subseconds().count())};
}

// Takes up to `most` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t least, std::size_t most) {
    std::size_t n = 0;
    while (n < most && n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
    if (n < least) return std::nullopt;
    const auto number = to_integer(text.substr(0, n));
    text.remove_prefix(n);
    return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

std::optional<int> take_fraction(std::string_view& text) {
    const auto before = text;
    if (!take_digits(text, 1, 9)) return std::nullopt;
    auto digits = std::string(before.substr(0, before.size() - text.size()));
    digits.resize(3, '0');
    return static_cast<int>(*to_integer(digits));
}

std::optional<Timestamp> read_pattern(std::string_view pattern, std::string_view text) {
    Civil c;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%' || i + 1 == pattern.size()) {
            // A fraction that the text does not have is none: "10:00:00" fits "%H:%M:%S.%f".
            if (text.empty() && pattern.substr(i) == ".%f") return moment(c);
            if (text.empty() || text.front() != pattern[i]) return std::nullopt;
            text.remove_prefix(1);
            continue;
        }
        std::optional<int> number;
        switch (pattern[++i]) {
            case 'Y':
                number = take_digits(text, 4, 4);
                if (number) c.year = *number;
                break;
            case 'm':
                number = take_digits(text, 2, 2);
                if (number) c.month = *number;
                break;
            case 'd':
                number = take_digits(text, 2, 2);
                if (number) c.day = *number;
                break;
            case 'H':
                number = take_digits(text, 2, 2);
                if (number) c.hour = *number;
                break;
            case 'M':
                number = take_digits(text, 2, 2);
                if (number) c.minute = *number;
                break;
            case 'S':
                number = take_digits(text, 2, 2);
                if (number) c.second = *number;
                break;
            case 'f':
                number = take_fraction(text);
                if (number) c.millisecond = *number;
                break;
            default:
                return std::nullopt;
        }
        if (!number) return std::nullopt;
    }
    // What the pattern does not mention of the second's fraction is cut.
    if (text.starts_with('.') && pattern.ends_with("%S")) {
        text.remove_prefix(1);
        if (!take_digits(text, 1, 9)) return std::nullopt;
    }
    return text.empty() ? moment(c) : std::nullopt;
}

std::string write_pattern(std::string_view pattern, Timestamp at) {
    const auto c = civil(at);
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%' || i + 1 == pattern.size()) {
            out += pattern[i];
            continue;
        }
        switch (pattern[++i]) {
            case 'Y':
                out += fmt::format("{:04}", c.year);
                break;
            case 'm':
                out += fmt::format("{:02}", c.month);
                break;
            case 'd':
                out += fmt::format("{:02}", c.day);
                break;
            case 'H':
                out += fmt::format("{:02}", c.hour);
                break;
            case 'M':
                out += fmt::format("{:02}", c.minute);
                break;
            case 'S':
                out += fmt::format("{:02}", c.second);
                break;
            case 'f':
                out += fmt::format("{:03}000", c.millisecond);
                break;
            default:
                out += pattern[i];
                break;
        }
    }
    return out;
}

// Years 1 to 9999 alone: beyond them no form can write what it has read.
std::optional<Timestamp> sensible(long long ms) {
    constexpr long long kFirst = -62135596800000, kLast = 253402300799999;
    return ms >= kFirst && ms <= kLast ? std::optional(Timestamp(milliseconds(ms))) : std::nullopt;
}

std::optional<Timestamp> read_number(value::Node node, bool is_milliseconds) {
    auto text = node.scalar_text();
    // "1704110399.25": the fraction is cut.
    if (const auto dot = text.find('.'); dot != std::string::npos) text.resize(dot);
    const auto number = to_integer(text);
    if (!number || *number > 253402300799999 || *number < -62135596800000) return std::nullopt;
    return sensible(is_milliseconds ? *number : *number * 1000);
}

std::optional<Timestamp> read_odata(std::string_view text) {
    if (!text.starts_with("/Date(") || !text.ends_with(")/")) return std::nullopt;
    text = text.substr(6, text.size() - 8);
    // An offset ("+0060") says how it was shown; the milliseconds are UTC already.
    const auto offset = text.find_first_of("+-", 1);
    const auto number = to_integer(text.substr(0, offset));
    return number ? sensible(*number) : std::nullopt;
}

std::optional<Timestamp> read_tagged(value::Node node) {
    if (node.find("__class__").text() != "datetime") return std::nullopt;
    const auto part = [&](std::string_view name) { return static_cast<int>(node.find(name).integer()); };
    return moment({part("year"), part("month"), part("day"), part("hour"), part("minute"), part("second"),
                   part("microsecond") / 1000});
}

value::Document write_tagged(Timestamp at) {
    const auto c = civil(at);
    value::Builder out;
    out.begin_object().key("__class__").text("datetime");
    out.key("year").integer(c.year).key("month").integer(c.month).key("day").integer(c.day);
    out.key("hour").integer(c.hour).key("minute").integer(c.minute).key("second").integer(c.second);
    out.key("microsecond").integer(c.millisecond * 1000).end();
    return out.take();
}

constexpr std::array<std::pair<std::string_view, TimeForm::Kind>, 8> kNames{{{"rfc3339", TimeForm::Kind::rfc3339},
                                                                             {"rfc3339_ms", TimeForm::Kind::rfc3339_ms},
                                                                             {"unix", TimeForm::Kind::unix_seconds},
                                                                             {"unix_ms", TimeForm::Kind::unix_ms},
                                                                             {"odata_v2", TimeForm::Kind::odata_v2},
                                                                             {"tagged", TimeForm::Kind::tagged},
                                                                             {"integer", TimeForm::Kind::integer},
                                                                             {"text", TimeForm::Kind::text}}};

}  // namespace

std::string to_rfc3339(Timestamp at) {
    return write_pattern("%Y-%m-%dT%H:%M:%S", at) + fmt::format(".{:03}Z", civil(at).millisecond);
}

std::optional<Timestamp> TimeForm::read(value::Node node) const {
    switch (kind) {
        case Kind::rfc3339:
        case Kind::rfc3339_ms:
            return net::parse_rfc3339(node.text());
        case Kind::unix_seconds:
            return read_number(node, false);
        case Kind::unix_ms:
            return read_number(node, true);
        case Kind::odata_v2:
            return read_odata(node.text());
        case Kind::tagged:
            return read_tagged(node);
        case Kind::pattern: {
            const auto local = read_pattern(pattern, node.text());
            return local ? std::optional(*local - offset) : std::nullopt;
        }
        case Kind::integer:
        case Kind::text:
            return std::nullopt;
    }
    return std::nullopt;
}

value::Document TimeForm::write(Timestamp at) const {
    value::Builder out;
    const auto ms = at.time_since_epoch().count();
    switch (kind) {
        case Kind::rfc3339:
            out.text(write_pattern("%Y-%m-%dT%H:%M:%SZ", at));
            break;
        case Kind::rfc3339_ms:
            out.text(to_rfc3339(at));
            break;
        case Kind::unix_seconds:
            out.integer(floor<seconds>(at).time_since_epoch().count());
            break;
        case Kind::unix_ms:
            out.integer(ms);
            break;
        case Kind::odata_v2:
            out.text(fmt::format("/Date({})/", ms));
            break;
        case Kind::tagged:
            return write_tagged(at);
        case Kind::pattern:
            out.text(write_pattern(pattern, at + offset));
            break;
        case Kind::integer:
        case Kind::text:
            out.null();
            break;
    }
    return out.take();
}

Result<TimeForm> TimeForm::named(std::string_view name) {
    const auto found = std::ranges::find(kNames, name, &std::pair<std::string_view, Kind>::first);
    if (found != kNames.end()) return TimeForm{found->second, {}, {}};
    std::vector<std::string> known;
    for (const auto& [each, _] : kNames) known.emplace_back(each);
    if (!name.contains('%'))
        return fail(Fault::bad_config,
                    fmt::format("unknown time form '{}'; known are {} and patterns such as %Y-%m-%d %H:%M:%S", name,
                                join(known, ", ")));
    for (std::size_t i = 0; i < name.size(); ++i)
        if (name[i] == '%' && (++i == name.size() || !std::string_view("YmdHMSf").contains(name[i])))
            return fail(Fault::bad_config, "a time pattern knows %Y %m %d %H %M %S and %f");
    return TimeForm{Kind::pattern, std::string(name), {}};
}

const spec::Type<TimeForm>& describe(spec::Tag<TimeForm>) {
    static const auto type = spec::from_text<TimeForm>(
        {.name = "time form",
         .expected = "rfc3339, rfc3339_ms, unix, unix_ms, odata_v2, tagged, integer, text or a pattern with %Y"},
        &TimeForm::named);
    return type;
}

}  // namespace tributary::connector

#include "gateway/record/timestamp.hpp"

#include <variant>

#include "gateway/base/text.hpp"
#include "gateway/record/date.hpp"
#include "gateway/record/decimal.hpp"
#include "gateway/record/time_pattern.hpp"
#include "gateway/record/zone.hpp"

namespace tributary::record {

namespace {

constexpr std::string_view kInvalid = "timestamp_invalid", kNoZone = "timestamp_no_zone",
                           kNonexistent = "timestamp_nonexistent";

enum class Dialect { rfc3339, rfc2822, unix, unix_ms, unix_us, odata, tryton, date, pattern };
struct Named {
    std::string_view name;
    Dialect dialect;
};
constexpr Named kDialects[] = {{"rfc3339", Dialect::rfc3339}, {"rfc2822", Dialect::rfc2822}, {"unix", Dialect::unix},
                               {"unix_ms", Dialect::unix_ms}, {"unix_us", Dialect::unix_us}, {"odata", Dialect::odata},
                               {"tryton", Dialect::tryton},   {"date", Dialect::date}};

bool in_range(Timestamp at) {
    constexpr Timestamp kFirst = std::chrono::sys_days(std::chrono::year{1} / 1 / 1);
    constexpr Timestamp kEnd = std::chrono::sys_days(std::chrono::year{10000} / 1 / 1);
    return at >= kFirst && at < kEnd;
}

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

}  // namespace

struct TimestampFormat::Impl {
    Dialect dialect = Dialect::rfc3339;
    std::optional<TimePattern> pattern;
    ZoneRule zone;

    std::optional<CivilTime> read(std::string_view text) const {
        switch (dialect) {
            case Dialect::rfc3339:
                return read_rfc3339(text);
            case Dialect::rfc2822:
                return read_rfc2822(text);
            case Dialect::unix:
                return read_count(text, -3);
            case Dialect::unix_ms:
                return read_count(text, 0);
            case Dialect::unix_us:
                return read_count(text, 3);
            case Dialect::odata:
                return read_odata(text);
            case Dialect::tryton:
                return std::nullopt;
            case Dialect::date:
                return read_day(text);
            case Dialect::pattern:
                return pattern->read(text);
        }
        return std::nullopt;
    }

    std::expected<ParsedTime, std::string_view> finish(const std::optional<CivilTime>& time) const {
        if (!time) return std::unexpected(kInvalid);
        const auto reading = time->reading();
        if (!reading) return std::unexpected(kInvalid);
        ParsedTime parsed{.at = *reading, .local = *reading, .ambiguous = false};
        if (time->offset) {
            parsed.at = *reading - *time->offset;
        } else if (!time->instant) {
            if (!zone.known()) return std::unexpected(kNoZone);
            const auto instant = zone.to_utc(*reading);
            if (!instant) return std::unexpected(kNonexistent);
            parsed.at = instant->at;
            parsed.ambiguous = instant->ambiguous;
        }
        if (!in_range(parsed.at)) return std::unexpected(kInvalid);
        if (time->instant && zone.known()) parsed.local = zone.to_local(parsed.at);
        return parsed;
    }
};

TimestampFormat::TimestampFormat(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
TimestampFormat::~TimestampFormat() = default;
TimestampFormat::TimestampFormat(TimestampFormat&&) noexcept = default;
TimestampFormat& TimestampFormat::operator=(TimestampFormat&&) noexcept = default;

Result<TimestampFormat> TimestampFormat::compile(std::string_view format, std::string_view zone) {
    auto impl = std::make_unique<Impl>();
    bool named = format.empty();
    for (const auto& [name, dialect] : kDialects) {
        if (name != format) continue;
        impl->dialect = dialect;
        named = true;
    }
    if (!named && format.find('%') == std::string_view::npos)
        return fail(Fault::bad_config,
                    "no such format: give rfc3339, rfc2822, unix, unix_ms, unix_us, odata, tryton, date or a pattern "
                    "such as %Y-%m-%d %H:%M:%S");
    if (!named) {
        impl->dialect = Dialect::pattern;
        TRY(impl->pattern, TimePattern::compile(format));
    }
    const bool utc = zone.empty() && impl->dialect == Dialect::tryton;
    TRY(impl->zone, ZoneRule::find(utc ? "UTC" : zone));
    return TimestampFormat(std::move(impl));
}

std::expected<ParsedTime, std::string_view> TimestampFormat::parse(std::string_view text) const {
    return impl_->finish(impl_->read(trim(text)));
}

std::expected<ParsedTime, std::string_view> TimestampFormat::parse(value::Node in) const {
    switch (in.kind()) {
        case value::Kind::text:
            return parse(in.text());
        case value::Kind::object:
            return impl_->finish(read_object(in));
        case value::Kind::integer: {
            if (impl_->dialect == Dialect::pattern) return parse(std::to_string(in.integer()));
            const auto scale = impl_->dialect == Dialect::unix ? -3 : impl_->dialect == Dialect::unix_ms ? 0 : 3;
            if (scale == 3 && impl_->dialect != Dialect::unix_us) return std::unexpected(kInvalid);
            return impl_->finish(read_count(std::to_string(in.integer()), scale));
        }
        case value::Kind::decimal:
            if (impl_->dialect != Dialect::unix && impl_->dialect != Dialect::unix_ms &&
                impl_->dialect != Dialect::unix_us)
                return std::unexpected(kInvalid);
            return parse(in.text());
        default:
            return std::unexpected(kInvalid);
    }
}

void write_timestamp(Timestamp at, char (&out)[kTimestampSize]) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const auto ms = static_cast<int>((at - day).count());
    auto digits = [&](std::size_t place, int value, std::size_t size) {
        for (auto i = size; i-- > 0; value /= 10) out[place + i] = static_cast<char>('0' + value % 10);
    };
    digits(0, static_cast<int>(date.year()), 4);
    digits(5, static_cast<int>(static_cast<unsigned>(date.month())), 2);
    digits(8, static_cast<int>(static_cast<unsigned>(date.day())), 2);
    digits(11, ms / 3'600'000, 2);
    digits(14, ms / 60'000 % 60, 2);
    digits(17, ms / 1000 % 60, 2);
    digits(20, ms % 1000, 3);
    out[4] = out[7] = '-';
    out[10] = 'T';
    out[13] = out[16] = ':';
    out[19] = '.';
    out[23] = 'Z';
}

std::string timestamp_text(Timestamp at) {
    char text[kTimestampSize];
    write_timestamp(at, text);
    return {text, kTimestampSize};
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
    const auto time = read_rfc3339(text);
    if (!time || !time->offset) return std::nullopt;
    const auto reading = time->reading();
    if (!reading || !in_range(*reading - *time->offset)) return std::nullopt;
    return *reading - *time->offset;
}

Result<std::string> format_timestamp(Timestamp at, std::string_view format, std::string_view zone) {
    TRY(auto rule, ZoneRule::find(zone.empty() ? "UTC" : zone));
    const auto local = rule.to_local(at);
    const auto offset = std::chrono::duration_cast<std::chrono::minutes>(local - at);
    const auto ms = at.time_since_epoch().count();
    if (format == "unix")
        return std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
    if (format == "unix_ms") return std::to_string(ms);
    if (format == "unix_us") return std::to_string(ms * 1000);
    if (format == "odata") return "/Date(" + std::to_string(ms) + ")/";
    if (format == "tryton") return fail(Fault::bad_config, "tryton's datetime is an object, not a text: map its parts");
    const bool rfc3339 = format.empty() || format == "rfc3339";
    if (rfc3339 && offset.count() == 0) return timestamp_text(at);
    const auto pattern = rfc3339               ? "%Y-%m-%dT%H:%M:%S.%f%z"
                         : format == "rfc2822" ? "%a, %d %b %Y %H:%M:%S %z"
                         : format == "date"    ? "%Y-%m-%d"
                                               : format;
    TRY(auto compiled, TimePattern::compile(pattern));
    std::string out;
    compiled.write(local, offset, out);
    if (rfc3339) out.insert(out.size() - 2, 1, ':');
    return out;
}

}  // namespace tributary::record

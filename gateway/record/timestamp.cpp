#include "gateway/record/timestamp.hpp"

#include <variant>

#include "gateway/base/text.hpp"
#include "gateway/record/time_dialects.hpp"
#include "gateway/record/time_pattern.hpp"
#include "gateway/record/zone.hpp"

namespace tributary::record {

namespace {

constexpr std::string_view kTimestampInvalid = "timestamp_invalid", kNoZone = "timestamp_no_zone",
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
        if (!time) return std::unexpected(kTimestampInvalid);
        const auto reading = time->reading();
        if (!reading) return std::unexpected(kTimestampInvalid);
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
        if (!in_range(parsed.at)) return std::unexpected(kTimestampInvalid);
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
            if (scale == 3 && impl_->dialect != Dialect::unix_us) return std::unexpected(kTimestampInvalid);
            return impl_->finish(read_count(std::to_string(in.integer()), scale));
        }
        case value::Kind::decimal:
            if (impl_->dialect != Dialect::unix && impl_->dialect != Dialect::unix_ms &&
                impl_->dialect != Dialect::unix_us)
                return std::unexpected(kTimestampInvalid);
            return parse(in.text());
        default:
            return std::unexpected(kTimestampInvalid);
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

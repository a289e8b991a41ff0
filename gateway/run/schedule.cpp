#include "gateway/run/schedule.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <exception>

namespace tributary::run {

namespace {

Result<const date::time_zone*> zone_named(std::string_view name) {
    try {
        return date::locate_zone(std::string(name));
    } catch (const std::exception&) {  // the library throws for an unknown name and for a missing database
        return fail(
            Fault::bad_config,
            fmt::format("time zone \"{}\" is not in the system's tzdata: give an IANA name such as Europe/Berlin",
                        name));
    }
}

date::sys_seconds to_seconds(Timestamp at) {
    return date::floor<std::chrono::seconds>(at);
}

// Local readings count minutes as if the zone were UTC.
LocalMinute local_minute(std::chrono::seconds since_epoch) {
    return LocalMinute{std::chrono::floor<std::chrono::minutes>(since_epoch)};
}

}  // namespace

Result<Schedule> Schedule::parse(std::string_view cron, std::string_view zone) {
    TRY(auto parsed, Cron::parse(cron));
    TRY(auto found, zone_named(zone));
    return Schedule(parsed, found);
}

Timestamp Schedule::next(Timestamp after) const {
    return cron_.every_hour() ? next_by_elapsed_time(after) : next_by_local_time(after);
}

// Local readings in their order map to moments that never go back: a skipped one to the end of its gap, a repeated one
// to its first pass. So the first reading whose moment lies after `after` is the answer.
Timestamp Schedule::next_by_local_time(Timestamp after) const {
    auto offset = zone_->get_info(to_seconds(after)).offset;
    auto reading = local_minute(to_seconds(after).time_since_epoch() + offset);
    for (;; reading += std::chrono::minutes{1}) {
        reading = cron_.next_at_or_after(reading);
        date::local_seconds local{std::chrono::seconds{reading.time_since_epoch()}};
        auto info = zone_->get_info(local);
        auto at = info.result == date::local_info::nonexistent
                      ? info.first.end
                      : date::sys_seconds{local.time_since_epoch() - info.first.offset};
        if (at > after) return at;
    }
}

// Between two changes of the zone's offset, local and elapsed time run alike.
Timestamp Schedule::next_by_elapsed_time(Timestamp after) const {
    auto from = date::floor<std::chrono::minutes>(after) + std::chrono::minutes{1};
    for (date::sys_seconds start = from;;) {
        auto info = zone_->get_info(start);
        auto shifted = std::chrono::ceil<std::chrono::minutes>(start.time_since_epoch() + info.offset);
        auto reading = cron_.next_at_or_after(LocalMinute{shifted});
        date::sys_seconds at{std::chrono::seconds{reading.time_since_epoch()} - info.offset};
        if (at < info.end) return at;
        start = info.end;
    }
}

Result<std::string> local_text(Timestamp at, std::string_view zone) {
    TRY(auto found, zone_named(zone));
    return date::format("%F %T %Z", date::make_zoned(found, to_seconds(at)));
}

}  // namespace tributary::run

#include "gateway/record/zone.hpp"

#include <date/tz.h>

namespace tributary::record {

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
    auto digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
    auto pair = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
    if (text.empty()) return std::nullopt;
    if (text[0] == 'Z' || text[0] == 'z') {
        text.remove_prefix(1);
        return std::chrono::minutes{0};
    }
    if ((text[0] != '+' && text[0] != '-') || !digit(1) || !digit(2)) return std::nullopt;
    const int hours = pair(1);
    std::size_t at = 3;
    int minutes = 0;
    if (at < text.size() && text[at] == ':') {
        if (!digit(at + 1) || !digit(at + 2)) return std::nullopt;
        minutes = pair(at + 1);
        at += 3;
    } else if (digit(at) && digit(at + 1)) {
        minutes = pair(at);
        at += 2;
    }
    if (hours > 23 || minutes > 59) return std::nullopt;
    const std::chrono::minutes offset{hours * 60 + minutes};
    const bool west = text[0] == '-';
    text.remove_prefix(at);
    return west ? -offset : offset;
}

Result<ZoneRule> ZoneRule::find(std::string_view name) {
    ZoneRule zone;
    if (name.empty()) return zone;
    if (name == "UTC") {
        zone.rule_ = std::chrono::minutes{0};
        return zone;
    }
    auto rest = name;
    if (auto offset = take_offset(rest); offset && rest.empty()) {
        zone.rule_ = *offset;
        return zone;
    }
    try {
        zone.rule_ = date::locate_zone(name);
    } catch (const std::runtime_error&) {  // its way to say that there is no such zone
        return fail(Fault::bad_config,
                    "no such time zone: give an IANA id such as Europe/Berlin, UTC, or an offset such as +08:00");
    }
    return zone;
}

std::optional<ZoneRule::Instant> ZoneRule::to_utc(Timestamp local) const {
    if (const auto* offset = std::get_if<std::chrono::minutes>(&rule_)) return Instant{local - *offset, false};
    const auto* zone = std::get<const date::time_zone*>(rule_);
    const auto info = zone->get_info(date::local_time<Milliseconds>(local.time_since_epoch()));
    if (info.result == date::local_info::nonexistent) return std::nullopt;
    return Instant{local - info.first.offset, info.result == date::local_info::ambiguous};
}

Timestamp ZoneRule::to_local(Timestamp at) const {
    if (const auto* offset = std::get_if<std::chrono::minutes>(&rule_)) return at + *offset;
    const auto* zone = std::get<const date::time_zone*>(rule_);
    return at + zone->get_info(date::sys_time<Milliseconds>(at.time_since_epoch())).offset;
}

}  // namespace tributary::record

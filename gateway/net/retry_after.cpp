#include "gateway/net/retry_after.hpp"

#include <algorithm>
#include <cmath>

#include "gateway/base/text.hpp"
#include "gateway/net/http_date.hpp"

namespace tributary::net {

namespace {

Milliseconds clamped(Milliseconds wait, Milliseconds longest) {
    return std::clamp(wait, Milliseconds{0}, longest);
}

// Digits with an optional fraction: no sign, no exponent. More digits than a double keeps only make a longer wait.
std::optional<double> number(std::string_view text) {
    text = trim(text);
    double value = 0, scale = 1;
    bool fraction = false, any = false;
    for (char c : text) {
        if (c == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        any = true;
        if (fraction)
            value += (c - '0') * (scale /= 10);
        else
            value = std::min(value * 10 + (c - '0'), 1e18);
    }
    if (!any) return std::nullopt;
    return value;
}

// Rounded up: never sooner than asked.
std::optional<Milliseconds> to_go(std::string_view text, double milliseconds_each,
                                  Milliseconds longest = kLongestWait) {
    auto value = number(text);
    if (!value) return std::nullopt;
    auto wait = std::ceil(*value * milliseconds_each - 1e-6);
    wait = std::min(wait, static_cast<double>(longest.count()));
    return clamped(Milliseconds{static_cast<Milliseconds::rep>(wait)}, longest);
}

std::optional<Milliseconds> until_epoch(std::string_view text, double milliseconds_each, Timestamp server_now,
                                        Milliseconds longest) {
    auto value = number(text);
    if (!value) return std::nullopt;
    double wait = *value * milliseconds_each - static_cast<double>(server_now.time_since_epoch().count());
    wait = std::clamp(std::ceil(wait), 0.0, static_cast<double>(longest.count()));
    return Milliseconds{static_cast<Milliseconds::rep>(wait)};
}

}  // namespace

std::optional<ResetUnit> reset_unit_named(std::string_view name) {
    if (name == "seconds") return ResetUnit::seconds;
    if (name == "milliseconds") return ResetUnit::milliseconds;
    if (name == "minutes") return ResetUnit::minutes;
    if (name == "epoch_seconds") return ResetUnit::epoch_seconds;
    if (name == "epoch_milliseconds") return ResetUnit::epoch_milliseconds;
    if (name == "timestamp") return ResetUnit::timestamp;
    return std::nullopt;
}

std::optional<Milliseconds> parse_reset(std::string_view text, ResetUnit unit, Timestamp server_now,
                                        Milliseconds longest) {
    switch (unit) {
        case ResetUnit::seconds:
            return to_go(text, 1000, longest);
        case ResetUnit::milliseconds:
            return to_go(text, 1, longest);
        case ResetUnit::minutes:
            return to_go(text, 60000, longest);
        case ResetUnit::epoch_seconds:
            return until_epoch(text, 1000, server_now, longest);
        case ResetUnit::epoch_milliseconds:
            return until_epoch(text, 1, server_now, longest);
        case ResetUnit::timestamp:
            break;
    }
    auto at = parse_rfc3339(text);
    if (!at) at = parse_http_date(text, server_now);
    if (!at) return std::nullopt;
    return clamped(*at - server_now, longest);
}

std::optional<Milliseconds> parse_retry_after(std::string_view text, Timestamp server_now) {
    if (auto seconds = to_go(text, 1000)) return seconds;
    auto at = parse_http_date(text, server_now);
    if (!at) return std::nullopt;
    return clamped(*at - server_now, kLongestWait);
}

std::optional<Milliseconds> retry_after(const Headers& headers, Timestamp now) {
    if (auto exact = find_header(headers, "retry-after-ms"))
        if (auto wait = to_go(*exact, 1)) return wait;
    auto header = find_header(headers, "retry-after");
    if (!header) return std::nullopt;
    return parse_retry_after(*header, server_now(headers, now));
}

Timestamp server_now(const Headers& headers, Timestamp now) {
    auto date = find_header(headers, "date");
    if (!date) return now;
    return parse_http_date(*date, now).value_or(now);
}

}  // namespace tributary::net

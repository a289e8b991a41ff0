// Retry-After: how long the other side asks us to wait, in all the forms seen in the wild. Pure; clamped to 0..24 h.
//
// Sources: RFC 9110 10.2.3 (seconds or HTTP-date), fractions as Shopify sends ("2.0"), retry-after-ms, and the reset
// headers of platforms in five units.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/net/http.hpp"

namespace tributary::net {

inline constexpr Milliseconds kLongestWait = std::chrono::hours{24};

enum class ResetUnit {
    seconds,       // to go; fractions allowed
    milliseconds,  // to go
    minutes,       // to go
    epoch_seconds,
    epoch_milliseconds,
    timestamp,  // RFC 3339 or an HTTP-date
};
// "seconds", "epoch_seconds", ... as connector files write them.
std::optional<ResetUnit> reset_unit_named(std::string_view name);

// One value in a known unit. A moment is counted from `server_now`, the response's Date when it has one (their clock
// may be off), else our own now. A past moment is 0, one beyond `longest` is that. nullopt: unreadable.
std::optional<Milliseconds> parse_reset(std::string_view text, ResetUnit unit, Timestamp server_now,
                                        Milliseconds longest = kLongestWait);

// The value of a Retry-After header: seconds, fractions of them, or any HTTP-date.
std::optional<Milliseconds> parse_retry_after(std::string_view text, Timestamp server_now);

// What the standard headers of a response ask for: retry-after-ms, else Retry-After. nullopt: nothing readable.
std::optional<Milliseconds> retry_after(const Headers& headers, Timestamp now);

// The response's Date header, else `now`.
Timestamp server_now(const Headers& headers, Timestamp now);

}  // namespace tributary::net

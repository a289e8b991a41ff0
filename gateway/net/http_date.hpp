// HTTP dates (RFC 9110 5.6.7): written as IMF-fixdate, read in all three forms and RFC 3339 besides. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"

namespace tributary::net {

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string format_http_date(Timestamp at);

// IMF-fixdate, RFC 850 ("Sunday, 06-Nov-94 08:49:37 GMT"; a year more than 50 ahead of `now` is in the past) or asctime
// ("Sun Nov  6 08:49:37 1994"). The weekday must be a weekday's name, and is not compared with the date.
std::optional<Timestamp> parse_http_date(std::string_view text, Timestamp now);

// "2026-01-05T10:00:00.250+01:00", "...Z"; an offset is required.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace tributary::net

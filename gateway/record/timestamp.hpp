// Timestamps: a dozen dialects in, one form out. A mapping declares format and zone; nothing is guessed.
//
// Formats:
//   rfc3339   (default) 2026-01-05T10:00:00.123+01:00; also a space for T, no seconds, offsets Z +0100 +01; a missing
//             offset needs a zone
//   rfc2822   Mon, 05 Jan 2026 10:00:00 +0100 (GMT, UT, EST.. as RFC 5322 4.3 says)
//   unix unix_ms unix_us    numbers or digits since 1970; unix takes a fraction
//   odata     /Date(1767603600000)/ and /Date(1767603600000+0060)/ (the offset does not move the instant)
//   tryton    {"__class__": "datetime", year, month, day, hour, minute, second, microsecond}; UTC unless a zone is
//             declared. Such objects, and {"__class__": "date"}, are read under every other format too.
//   a pattern of %Y %m %d %H %M %S %f (fraction) %y %b %e %j %I %p %z %Z(UTC|GMT|Z) %s %% and literal characters
//   date      a bare date means midnight in the zone
// A local time that the zone skips is an issue; one that it has twice is the earlier, and flagged.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::record {

struct ParsedTime {
    Timestamp at{};
    // The reading of the clock as written, taken for UTC: its calendar day is the source's. Counts of seconds are read
    // by a clock of the declared zone.
    Timestamp local{};
    bool ambiguous = false;  // the local time happened twice in its zone
};

// Compiled once, then const and safe from several threads.
class TimestampFormat {
  public:
    // Empty `zone`: values without an offset are issues. Fault::bad_config names what is wrong.
    static Result<TimestampFormat> compile(std::string_view format, std::string_view zone);
    ~TimestampFormat();
    TimestampFormat(TimestampFormat&&) noexcept;
    TimestampFormat& operator=(TimestampFormat&&) noexcept;

    // On failure the returned text is an issue code: timestamp_invalid, timestamp_no_zone, timestamp_nonexistent.
    std::expected<ParsedTime, std::string_view> parse(value::Node in) const;
    std::expected<ParsedTime, std::string_view> parse(std::string_view text) const;

  private:
    struct Impl;
    explicit TimestampFormat(std::unique_ptr<const Impl> impl);
    std::unique_ptr<const Impl> impl_;
};

constexpr std::size_t kTimestampSize = 24;
// 2026-01-05T09:00:00.000Z. REQUIRES: a year from 0 to 9999.
void write_timestamp(Timestamp at, char (&out)[kTimestampSize]);
std::string timestamp_text(Timestamp at);
// RFC 3339 with an offset, nothing else: what canonical records and our own files hold.
std::optional<Timestamp> parse_timestamp(std::string_view text);
// Writes an instant in any format above, for mappings that speak to a destination.
Result<std::string> format_timestamp(Timestamp at, std::string_view format, std::string_view zone);

}  // namespace tributary::record

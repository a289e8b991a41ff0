// TimePattern: a strftime-like pattern, compiled for reading and writing. timestamp.hpp lists what it knows.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::record {

// What a text says, before any zone is applied.
struct CivilTime {
    int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0;
    std::optional<std::chrono::minutes> offset;
    std::optional<Timestamp> instant;  // the text was a count of seconds and needs no zone

    // The reading as if it were UTC; nullopt when there is no such day or time. 23:59:60 is the next midnight.
    std::optional<Timestamp> reading() const;
};

class TimePattern {
  public:
    // Fault::bad_config names the directive that is not known, or what the pattern lacks to make a day.
    static Result<TimePattern> compile(std::string_view pattern);

    std::optional<CivilTime> read(std::string_view text) const;
    void write(Timestamp local, std::chrono::minutes offset, std::string& out) const;

  private:
    struct Op {
        char directive = 0;  // 0: literal
        char literal = 0;
    };
    std::vector<Op> ops_;
};

// Up to `most` digits at the start of `text`, which is advanced; nullopt when there are fewer than `least`.
std::optional<int> take_digits(std::string_view& text, std::size_t least, std::size_t most);
// Digits of a fraction as milliseconds, further digits cut off; nullopt when there is none.
std::optional<int> take_fraction(std::string_view& text);
// An English month name or its first three letters, 1 to 12.
std::optional<int> take_month(std::string_view& text);
bool take_weekday(std::string_view& text);

}  // namespace tributary::record

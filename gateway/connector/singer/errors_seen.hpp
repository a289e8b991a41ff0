// ErrorsSeen: what may be said about the error output of a Singer program: how many lines of which level, and the class
// of the last exception. Never the lines themselves, which hold addresses, values and now and then a credential. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/value/lines.hpp"

namespace tributary::connector::singer {

class ErrorsSeen {
  public:
    void feed(std::string_view chunk);
    // "requests.exceptions.HTTPError"; empty: none was seen.
    const std::string& exception() const { return exception_; }
    std::uint64_t lines() const { return lines_; }
    std::uint64_t warnings() const { return warnings_; }
    std::uint64_t errors() const { return errors_; }
    // " (requests.exceptions.HTTPError; 3 error lines)", or empty.
    std::string text() const;

  private:
    void see(std::string_view line);
    value::LineReader reader_{8 << 10};
    std::string exception_;
    std::uint64_t lines_ = 0, warnings_ = 0, errors_ = 0;
};

// The last word of a line that names an exception's class, else empty: letters, digits, '_' and '.', ending in Error,
// Exception or Timeout.
std::string_view exception_in(std::string_view line);

}  // namespace tributary::connector::singer

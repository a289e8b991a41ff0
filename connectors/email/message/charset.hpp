// Foreign text as UTF-8, whatever its label says: charsets that are known under a narrower name are read as what is
// really sent (gb2312 as GB18030, iso-8859-1 as windows-1252, shift_jis as CP932), bytes that do not fit become U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace tributary::connectors::mail {

// `charset` may be empty or unknown: valid UTF-8 is taken as that, anything else as `fallback`.
std::string to_utf8(std::string_view bytes, std::string_view charset, const std::string& fallback);
// Valid UTF-8 with LF line ends and no control characters besides tab and LF; at most `limit` bytes, cut between
// characters.
std::string clean_text(std::string_view text, std::size_t limit);
// The same on one line: runs of blanks become one space.
std::string clean_line(std::string_view text, std::size_t limit);

}  // namespace tributary::connectors::mail

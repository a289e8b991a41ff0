// UTF-8 validity (RFC 3629: no surrogates, no overlong forms, nothing beyond U+10FFFF), at memory speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tributary::value {

// What some writers put before a text. It is no part of the text.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool valid_utf8(std::string_view text);
// The offset of the first byte that is not part of a valid sequence; text.size() when all is valid. Slow: for messages.
std::size_t first_invalid_utf8(std::string_view text);
// Writes up to four bytes and returns their end. REQUIRES: `code_point` is a Unicode scalar value.
char* put_utf8(std::uint32_t code_point, char* out);

}  // namespace tributary::value

// Text in the forms that mail carries: encoded words for headers (RFC 2047), quoted-printable for bodies (RFC 2045).
#pragma once

#include <string>
#include <string_view>

namespace tributary::connectors::smtp {

// A subject: as it is when it is ASCII and short, else encoded words folded over lines. REQUIRES: UTF-8 without control
// characters.
std::string unstructured(std::string_view text);
// A display name: an atom, a quoted string or encoded words.
std::string phrase(std::string_view name);
// Lines of at most 76 characters with CRLF; LF and CR alone become line ends too. A dot at the start of a line is
// encoded.
std::string quoted_printable(std::string_view text);

}  // namespace tributary::connectors::smtp

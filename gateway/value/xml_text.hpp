// What XML must pass before pugixml sees it, which is lenient: its encoding, and the markup that we refuse.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.hpp"

namespace tributary::value {

// Valid UTF-8 without byte order mark, whatever of UTF-8, UTF-16 (with its mark) or ISO-8859-1 (declared) it was.
Result<std::string> xml_as_utf8(std::string_view bytes);

// One root element and nothing but white space beside it, no DTD, only the five entities of XML and character
// references to characters that exist, no control characters, depth within the limit.
Result<void> check_xml_markup(std::string_view text, std::size_t depth);

}  // namespace tributary::value

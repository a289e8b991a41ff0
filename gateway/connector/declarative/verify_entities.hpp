// The HTML entities that WordPress's wp_specialchars_decode(..., ENT_QUOTES) knows: & < > " ' by name or number.
#pragma once

#include <string>
#include <string_view>

namespace tributary::connector {

// One pass: "&amp;lt;" becomes "&lt;". Everything else stays as it is.
std::string decode_html_entities(std::string_view text);

}  // namespace tributary::connector

// HTML as the text a reader would see: tags go, blocks become lines, scripts and style sheets vanish, references to
// characters are resolved. Pure, and linear in the size of the input whatever it is.
#pragma once

#include <string>
#include <string_view>

namespace tributary::connectors::mail {

// REQUIRES: UTF-8.
std::string html_to_text(std::string_view html);

}  // namespace tributary::connectors::mail

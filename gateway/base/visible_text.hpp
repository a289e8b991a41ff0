// Foreign text made safe to show: in a log, a terminal, an audit entry or a page.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tributary {

// Controls, line and paragraph separators, marks that turn the direction of writing (U+202E and its like), invisible
// characters and bytes that are no UTF-8 are written out as \u{202e} and \xff; a backslash is doubled. What is longer
// than `most` bytes is cut between characters and ends in "...".
std::string visible_text(std::string_view text, std::size_t most = 1000);

}  // namespace tributary

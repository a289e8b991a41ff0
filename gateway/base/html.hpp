// Text that may stand in HTML, in an element or a quoted attribute.
#pragma once

#include <string>
#include <string_view>

namespace tributary {

std::string html_escaped(std::string_view text);

}  // namespace tributary

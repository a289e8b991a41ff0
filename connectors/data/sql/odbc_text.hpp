// UTF-8 and the UTF-16 that ODBC's wide functions take. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tributary::connectors::sql {

// nullopt when it is not UTF-8.
std::optional<std::u16string> to_utf16(std::string_view text);
// nullopt when a surrogate stands alone.
std::optional<std::string> from_utf16(std::u16string_view text);

}  // namespace tributary::connectors::sql

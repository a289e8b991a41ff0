// Folder names on the wire: modified UTF-7 (RFC 3501, section 5.1.3) inside a quoted string. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tributary::connectors::imap {

// "Entwürfe" is "Entw&APw-rfe", "A&B" is "A&-B". REQUIRES: UTF-8.
std::string to_modified_utf7(std::string_view name);
// nullopt when it is not well formed.
std::optional<std::string> from_modified_utf7(std::string_view name);
// As an argument of a command. REQUIRES: ASCII without control characters.
std::string quoted(std::string_view text);

}  // namespace tributary::connectors::imap

// Hexadecimal, lower case out, either case in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tributary {

std::string to_hex(std::string_view bytes);
// nullopt on an odd length or any character that is not a hex digit.
std::optional<std::string> from_hex(std::string_view digits);

}  // namespace tributary

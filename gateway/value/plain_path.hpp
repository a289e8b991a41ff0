// The path of a field, whichever element of a list it is in.
#pragma once

#include <string>
#include <string_view>

namespace tributary::value {

// "addresses[0].country" -> "addresses.country": as a model names fields.
std::string without_indexes(std::string_view path);

}  // namespace tributary::value

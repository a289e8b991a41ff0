// Numbers as text: JSON's number grammar, and which of them are whole numbers that int64 holds without loss.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tributary::value {

// RFC 8259 section 6: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
bool is_json_number(std::string_view digits);

// REQUIRES: is_json_number(digits). nullopt for a fraction, an exponent, "-0" (its sign would be lost) and overflow.
std::optional<std::int64_t> exact_integer(std::string_view digits);

}  // namespace tributary::value

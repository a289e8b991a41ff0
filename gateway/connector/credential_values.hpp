// Several values of one credential that are valid at the same time: one a line, the newest first. During a rotation
// each of them is tried.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::connector {

inline constexpr std::size_t kMostCredentialValues = 10;

// Those that are there, empty lines left out. A key in PEM armour is one value however many lines it has.
std::vector<std::string> values_of_credential(std::string_view text);

// The first of them, within `text`; empty when there is none.
std::string_view newest_value(std::string_view text);

// `newest` in front of those of `before`; it stands there once, and the oldest beyond the ten are left out.
std::string with_newest(std::string_view newest, std::string_view before);

}  // namespace tributary::connector

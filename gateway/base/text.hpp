// Plain ASCII text work: trimming, splitting, folding. Unicode lives in record.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tributary {

// Removes spaces, tabs, CR and LF from both ends.
std::string_view trim(std::string_view text);
std::string lower_ascii(std::string_view text);
std::string upper_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
// Every piece, empty ones included: split("a,,b", ',') is {"a", "", "b"}.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& pieces, std::string_view separator);
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

// The whole text as a number, or nullopt: no sign tricks, no spaces, no overflow.
std::optional<long long> to_integer(std::string_view text);

// The candidate that a person most likely meant, when one is near enough (edit distance up to a third of its length).
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace tributary

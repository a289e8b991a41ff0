// ISO 3166-1 countries (and XK for Kosovo).
#pragma once

#include <optional>
#include <string_view>

namespace tributary::record {

// alpha-2 in either case; the answer is upper case and a view into the table.
std::optional<std::string_view> find_country(std::string_view alpha2);
// alpha-2, alpha-3, or the English name (ISO short name or a common form: "United Kingdom", "UK", "USA"), any case.
std::optional<std::string_view> find_country_named(std::string_view text);

}  // namespace tributary::record

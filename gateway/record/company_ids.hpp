// Numbers of companies that carry their own check: LEI and VAT numbers.
#pragma once

#include <optional>
#include <string_view>

namespace tributary::record {

// ISO 17442: 20 characters, MOD 97-10.
bool is_lei(std::string_view text);
// A VAT number with its country's prefix, in capitals and without separators ("DE136695976"): whether its check digit
// is right; nullopt where this knows no rule for the country. Known: BE DE FR (digits alone) IT LU NL PL.
std::optional<bool> check_vat(std::string_view text);

}  // namespace tributary::record

// Percent-encoding (RFC 3986 section 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tributary::value {

// Everything but letters, digits and -._~ becomes %XX with upper-case digits.
std::string percent_encode(std::string_view text);
void percent_encode(std::string_view text, std::string& out);
// nullopt when a '%' is not followed by two hex digits. '+' stays a plus. The result may be any bytes.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace tributary::value

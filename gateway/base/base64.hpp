// Base64 (RFC 4648): standard alphabet with padding, and the URL-safe one without.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tributary {

std::string to_base64(std::string_view bytes);
std::string to_base64url(std::string_view bytes);
// Accepts either alphabet, with or without padding; nullopt on anything else, non-zero trailing bits included.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace tributary

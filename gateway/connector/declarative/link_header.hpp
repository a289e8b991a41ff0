// The Link header (RFC 8288): `<https://x/?page=2>; rel="next", <...>; rel="last"`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tributary::connector {

// The target of the first link whose rel list holds `relation` (case ignored), as written. Malformed parts are skipped.
std::optional<std::string> link_with(std::string_view header, std::string_view relation);

}  // namespace tributary::connector

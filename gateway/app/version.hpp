#pragma once

#include <string_view>

namespace tributary::app {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace tributary::app

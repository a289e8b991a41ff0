// Durations and sizes as users write them: 250ms, 30s, 5m, 72h, 14d; 512B, 64KB, 1MB, 2GB (1 KB = 1024 bytes).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary {

Result<Milliseconds> parse_duration(std::string_view text);
std::string format_duration(Milliseconds duration);

Result<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);

}  // namespace tributary

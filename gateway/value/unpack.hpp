// Unpack: the text inside a small archive that came as one answer (an export job's download), by libarchive.
//
// Foreign bytes: nothing is written to disk, names in the archive are not looked at, and what comes out is bounded, so
// a bomb ends as an error. bad_input: broken, cut, encrypted, too large, or not exactly one file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"

namespace tributary::value {

enum class Packing : std::uint8_t { none, zip, gzip };

// `most`: bytes that may come out.
Result<std::string> unpack(std::string_view packed, Packing packing, std::size_t most);

}  // namespace tributary::value

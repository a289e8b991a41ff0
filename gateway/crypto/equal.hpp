// Comparison in time that depends on the length alone, for everything that is secret on one side.
#pragma once

#include <string_view>

namespace tributary::crypto {

// Different lengths are unequal at once: compare digests, whose length is no secret.
bool equal(std::string_view a, std::string_view b);

}  // namespace tributary::crypto

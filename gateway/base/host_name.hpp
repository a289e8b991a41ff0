// What this machine calls itself; empty when it does not say.
#pragma once

#include <string>

namespace tributary {

std::string host_name();

}  // namespace tributary

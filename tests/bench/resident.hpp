// Resident memory of this process.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

namespace bench {

// In megabytes.
inline double resident() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
    return 0;
}

}  // namespace bench

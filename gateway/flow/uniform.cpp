#include "gateway/flow/uniform.hpp"

#include <array>
#include <cstdint>

namespace tributary::flow {

double uniform(crypto::Random& random) {
    std::array<std::uint8_t, 4> bytes{};
    random.fill(bytes);
    std::uint32_t n = 0;
    for (auto byte : bytes) n = n << 8 | byte;
    return static_cast<double>(n) / 4294967296.0;
}

}  // namespace tributary::flow

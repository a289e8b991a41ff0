// A uniform draw in [0, 1) with 32 bits, for the jitter of retries.
#pragma once

#include "gateway/crypto/random.hpp"

namespace tributary::flow {

double uniform(crypto::Random& random);

}  // namespace tributary::flow

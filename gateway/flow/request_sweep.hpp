// RequestSweep: what happens to requests of subjects by the passing of time. Whoever was never proven in the time that
// the law gives has their request closed as expired; an erasure that waited for the end of a legal hold goes on.
#pragma once

#include <cstdint>

#include "gateway/base/result.hpp"
#include "gateway/flow/erasure.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

struct RequestSweep {
    std::uint64_t expired = 0;
    std::uint64_t resumed = 0;  // erasures that erased somebody more
    std::uint64_t failed = 0;   // that could not go on; told in the log, tried again the next time
};

// Blocks. Each act is stored and audited by itself; one request that fails keeps no other from its turn.
Result<RequestSweep> sweep_requests(World& world, const ErasureTools& tools);

}  // namespace tributary::flow

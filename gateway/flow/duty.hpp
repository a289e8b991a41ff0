// Duty: work that one gateway at a time does, of several on one store: telling of alerts, writing reports. A lease, so
// that another takes over when the one at it died. On a store of its own a gateway always has it.
//
// One turn at a time for each object; it blocks, so on the pool.
#pragma once

#include <optional>
#include <string>

#include "gateway/flow/world.hpp"

namespace tributary::flow {

class Duty {
  public:
    // A turn that lasts longer than this may be taken by another at the same time.
    static constexpr Milliseconds kTurn = std::chrono::seconds(45);

    Duty(World& world, const std::string& name) : world_(world), lease_("duty." + name) {}
    // False: another is at it.
    Result<bool> begin();
    Result<void> end();

  private:
    World& world_;
    std::string lease_;
    std::optional<std::uint64_t> token_;
};

}  // namespace tributary::flow

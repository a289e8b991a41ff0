// Duty: work that one gateway at a time does, of several on one store: telling of alerts, writing reports. A lease, so
// that another takes over when the one at it died. On a store of its own a gateway always has it, unless those of one
// process are to take turns too.
//
// One turn at a time for each object; it blocks, so on the pool.
#pragma once

#include <optional>
#include <string>

#include "gateway/flow/world.hpp"

namespace tributary::flow {

class Duty {
  public:
    static constexpr Milliseconds kTurn = std::chrono::seconds(45);

    // everybody: those of one process too.
    enum class Among : std::uint8_t { gateways, everybody };

    // What lasts longer than `turn` may be taken by another at the same time.
    Duty(World& world, const std::string& name, Among among = Among::gateways, Milliseconds turn = kTurn)
        : world_(world), lease_("duty." + name), among_(among), turn_(turn) {}
    // False: another is at it.
    Result<bool> begin();
    Result<void> end();

  private:
    World& world_;
    std::string lease_;
    Among among_;
    Milliseconds turn_;
    std::optional<std::uint64_t> token_;
};

}  // namespace tributary::flow

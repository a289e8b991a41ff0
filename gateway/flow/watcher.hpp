// Watcher: reads what the audit trail gained and the gateway's figures, lets the rules judge them, and keeps their
// signs as alerts. What was written while no gateway ran is read at the next start.
#pragma once

#include <mutex>

#include "gateway/flow/world.hpp"
#include "gateway/watch/rules.hpp"

namespace tributary::flow {

class Watcher {
  public:
    // Entries before the place where the last look ended form habits; so many of them at most.
    static constexpr std::int64_t kHistory = 20'000;

    // An alert that lasts and was acknowledged is quiet for `repeat`.
    Watcher(World& world, watch::Limits limits, Milliseconds repeat)
        : world_(world), rules_(std::move(limits)), repeat_(repeat) {}

    // Blocks. Safe from several threads; a look that fails is repeated by the next.
    Result<void> look(const watch::Figures& figures);

  private:
    Result<void> begin();
    Result<void> keep(const std::vector<watch::Sign>& signs, Timestamp now, std::int64_t seq);

    World& world_;
    watch::Rules rules_;
    Milliseconds repeat_;
    std::mutex mutex_;
    std::optional<std::int64_t> seen_;  // number of the newest entry that was judged
    std::vector<watch::Sign> owed_;     // judged, and not in the store yet
};

// One line of the trail as the rules see it; nullopt when it is not one of ours.
std::optional<watch::Act> act_of(const audit::Entry& entry);

}  // namespace tributary::flow

// ActTally: acts that strangers can cause as often as they like (refused webhooks, blocked addresses), counted in
// memory and written to the audit trail as one entry a minute for each kind, with its count. So an attacker fills no
// disk, and the trail still says that it happened and how often.
//
// A crash loses the counts of less than a minute; the refusals themselves had no effect.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/store/store.hpp"

namespace tributary::flow {

// Safe from several threads.
class ActTally {
  public:
    static constexpr Milliseconds kPeriod = std::chrono::minutes(1);
    static constexpr std::size_t kKinds = 100;  // more kinds at a time are counted together

    explicit ActTally(const Clock& clock) : clock_(clock) {}

    // `details`: names and codes; they tell the kinds apart.
    void count(const std::string& action, const ActDetails& details);
    // Writes a kind that is new at once, and one that was written before when kPeriod has passed, or `all`. Blocks.
    // What cannot be written is kept.
    Result<void> flush(store::Store& store, bool all = false);

  private:
    struct Counted {
        std::uint64_t count = 0;
        Timestamp first;
        SteadyTime written{};  // of the entry before
    };
    using Kind = std::pair<std::string, ActDetails>;

    const Clock& clock_;
    std::mutex mutex_;
    std::map<Kind, Counted> kinds_;
};

}  // namespace tributary::flow

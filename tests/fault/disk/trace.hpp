// Trace: webhooks, processing, deliveries and pages of a sync against a store, in rounds. All writes of a round share
// one commit, so after each round the state of the store is known exactly. Seeded: the same trace each time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/fault/disk/state_model.hpp"

namespace tributary::disk {

// The state after a round, and where in the disk's journal it must and may be found.
struct Committed {
    std::size_t began = 0;         // the journal's size before its first write
    std::size_t acknowledged = 0;  // and when its first caller was told
    std::string text;
    std::uint32_t newest = 0;  // webhook number that is in it; 0: none
};

class Trace {
  public:
    // `position`: the size of the disk's journal.
    Trace(std::uint64_t seed, std::function<std::size_t()> position);

    // One round on `store`. An error: every write of it failed, and nothing of it is in the model.
    Result<void> round(store::Store& store);
    // Rounds of which a part was acknowledged though one commit held all of it. Must stay zero.
    std::uint64_t torn_commits() const { return torn_commits_; }
    // The store was closed and opened: leases are gone.
    void reopened();

    std::uint64_t operations() const { return operations_; }
    std::uint64_t events() const { return next_ - 1; }  // webhooks sent until now
    const std::vector<Committed>& committed() const { return committed_; }
    // The state that the newest round would have led to, when it failed: after a broken disk it may be there or not.
    const std::optional<std::string>& undecided() const { return undecided_; }
    const StateModel& model() const { return model_; }

  private:
    struct Plan;
    Plan plan();
    void accept_some(Plan& plan);
    void process(Plan& plan);
    void settle(Plan& plan);
    void claim(Plan& plan);
    void read_page(Plan& plan);
    store::LaneResult outcome(const store::ClaimedLane& lane, StateModel& after);
    unsigned dice(unsigned sides) { return static_cast<unsigned>(random_() % sides); }

    std::mt19937_64 random_;
    std::function<std::size_t()> position_;
    StateModel model_;
    std::vector<Committed> committed_;
    std::optional<std::string> undecided_;
    std::uint32_t next_ = 1;
    std::int64_t now_ = 1'000'000;
    std::uint64_t operations_ = 0, torn_commits_ = 0;
    std::vector<store::ClaimedEntry> entries_;
    std::vector<store::ClaimedLane> lanes_;
};

}  // namespace tributary::disk

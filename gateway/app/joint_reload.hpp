// JointReload: gateways on one store take the same configuration up together. Whoever is asked to reload builds the
// next one of its own files and proposes it; each other builds one of its files and agrees when it is the same; when
// all that live agree, all turn to it within the time of a look. Else none does, and the one that was asked says why.
//
// A gateway that was away when it was decided takes it up when it is back. One that starts with other files goes on,
// and that they differ is told: restarting one after the other is how some changes are made.
//
// Threads: coroutines on the host's loop; figures() from any.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "gateway/api/metrics.hpp"
#include "gateway/app/peers.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/run/task.hpp"

namespace tributary::app {

class Gateway;
struct Host;

// Who has a configuration taken up, for the audit trail.
struct ReloadAsker {
    std::string actor_type, actor;
    flow::ActDetails details = {};
};

// The next configuration, built here and not in force yet.
struct PreparedChange {
    std::uint64_t change = 0;
    std::shared_ptr<Gateway> gateway;
    Parts parts;
    ReloadAsker asker;
};

class JointReload {
  public:
    // What it has done to this gateway.
    struct Hands {
        std::function<std::shared_ptr<Gateway>()> current;
        std::function<Result<std::shared_ptr<Gateway>>()> build;  // the next, of the files; blocks
        std::function<run::Task<Result<void>>(std::shared_ptr<Gateway>, ReloadAsker)> take_up;
    };
    // All outlive it. REQUIRES: the host's store is shared.
    JointReload(Host& host, Hands hands, std::string name);

    // Until `stop`; then the others are told that this one is gone.
    run::Task<> follow(std::stop_token stop);
    // `next` was built here. conflict: another change is on its way. bad_config: not all agree. One at a time.
    run::Task<Result<void>> change(std::shared_ptr<Gateway> next, ReloadAsker asker, std::stop_token stop);

    api::NodeFigures figures() const { return {gateways_, differs_}; }

  private:
    struct Outcome {
        std::uint64_t change = 0;
        Result<void> result;
    };
    // One look; how long until the next.
    run::Task<Milliseconds> look();
    run::Task<> answer(const store::ConfigurationChange& change, const std::vector<store::Node>& nodes);
    run::Task<> take_up(const store::ConfigurationChange& change, const std::vector<store::Node>& nodes);
    run::Task<Result<PreparedChange>> prepare(const store::ConfigurationChange& change,
                                              const std::vector<store::Node>& nodes);
    void drop(std::uint64_t change, const std::string& reason);
    void compare(const std::vector<store::Node>& alive);

    Host& host_;
    Hands hands_;
    Peers peers_;
    bool begun_ = false;
    std::uint64_t taken_ = 0;  // the newest change that is in force here
    std::optional<PreparedChange> prepared_;
    Outcome outcome_;  // of the newest change that ended
    std::optional<SteadyTime> differ_since_;
    std::atomic<unsigned> gateways_ = 1;
    std::atomic<bool> differs_ = false;
};

}  // namespace tributary::app

// Peers: the gateways on one store, of which this is one. Each says every few seconds that it lives and which
// configuration is in force there; one proposes the next, each answers whether its own files make the same, and when
// all that live can take it up it is decided that they do.
//
// Threads: any; what talks to the store blocks, so on the pool.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/app/loaded_parts.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/store/store.hpp"

namespace tributary::app {

// What is to become of a change: `open` is to wait for answers. Pure. REQUIRES: it is open.
struct ChangeVerdict {
    store::ConfigurationChange::State state = store::ConfigurationChange::State::open;
    std::string reason;  // of given_up: which gateways did not agree, and why
};
ChangeVerdict judge(const store::ConfigurationChange& change, const std::vector<store::Node>& nodes, Timestamp now);

class Peers {
  public:
    // How long one counts as alive after it was last heard of; how long a change waits for answers.
    static constexpr Milliseconds kAlive = std::chrono::seconds(30), kChange = std::chrono::seconds(60);

    // `name`: for people. Both outlive it. REQUIRES: the store is shared.
    Peers(store::Store& store, const Clock& clock, std::string name);

    struct View {
        std::vector<store::Node> alive;  // this one is among them
        std::optional<store::ConfigurationChange> change;
    };
    // Sees the others, and says every few seconds that this one lives.
    Result<View> look();

    // What this one says of itself, and from now on.
    store::Node self() const;
    void set_generation(std::string digest);
    void set_answer(std::uint64_t change, std::string refusal);

    // The number of the change to these parts: a new one, which this gateway agrees to, or one to the same that is
    // open. conflict: another is on its way.
    Result<std::uint64_t> propose(const Parts& parts);
    // Judges it with everybody's newest answers, for all. The change as it is then.
    Result<store::ConfigurationChange> decide(std::uint64_t change);
    // The others need not wait for this one any more.
    Result<void> leave();

  private:
    // When that is due, or something of it is new.
    Result<void> say(Timestamp now);
    store::Store& store_;
    const Clock& clock_;
    mutable std::mutex mutex_;  // for what follows; never held while the store is asked
    store::Node self_;
    bool news_ = true;  // it says something that was not told yet
    SteadyTime said_{};
};

}  // namespace tributary::app

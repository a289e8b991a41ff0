// SimDestination: the system at the other end, its network, and the journal of what it was sent and what took effect.
// SimConnector is one node's way to it.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gateway/connector/connector.hpp"
#include "gateway/run/timers.hpp"
#include "tests/fault/simulation/guards.hpp"
#include "tests/fault/simulation/scenario.hpp"

namespace tributary::simulation {

struct Effect {
    std::uint32_t number = 0;
    std::string key;
};

class SimDestination {
  public:
    using Note = std::function<void(std::string)>;
    // Runs something at a moment, whatever becomes of the node that asked.
    using At = std::function<void(Milliseconds in, std::function<void()>)>;

    using Stall = std::function<void(unsigned node, Milliseconds lasts)>;

    SimDestination(const Scenario& scenario, std::mt19937_64& random, At at, Note note, Stall stall)
        : scenario_(scenario), random_(random), at_(std::move(at)), note_(std::move(note)), stall_(std::move(stall)) {}

    struct Fate {
        enum class Kind { applied, refused, lost_answer, lost_request, limited, overloaded } kind = Kind::applied;
        Milliseconds takes_effect{}, answered{};
        bool stalls = false;   // its node takes no turn from the one to the other
        Milliseconds waits{};  // for a rate budget, before anything else
        Milliseconds late{};   // its node takes no turn for so long before it is sent
    };
    Fate fate();
    // A push of it begins, with all that was asked before it.
    void begin(std::uint32_t number, const Fate& fate, unsigned node);
    // A request leaves for here. Says whether it takes effect, at the moment that the fate says.
    void send(std::uint32_t number, const std::string& key, const Fate& fate, unsigned node);
    bool refuses(std::uint32_t number) const { return scenario_.changes[number].poison; }
    bool has(std::uint32_t number) const { return applied_.contains(number); }
    void calm() { calm_ = true; }
    std::uint32_t lane_of(std::uint32_t number) const { return scenario_.changes[number].lane; }

    void word(std::uint32_t lane, bool given) { allowed_[lane] = given; }
    const std::vector<Effect>& effects() const { return effects_; }
    const std::vector<std::string>& breaches() const { return breaches_; }
    std::uint64_t sent() const { return sent_; }
    std::uint64_t sent_again() const { return sent_again_; }

  private:
    void apply(std::uint32_t number, const std::string& key);

    const Scenario& scenario_;
    std::mt19937_64& random_;
    At at_;
    Note note_;
    Stall stall_;
    bool calm_ = false;
    std::map<std::uint32_t, bool> allowed_;
    std::set<std::string> keys_;
    std::set<std::uint32_t> applied_, seen_;
    std::vector<Effect> effects_;
    std::vector<std::string> breaches_;  // of consent, at the moment of sending
    std::uint64_t sent_ = 0, sent_again_ = 0;
};

class SimConnector final : public connector::Connector, public connector::Sink {
  public:
    SimConnector(SimDestination& destination, run::Timers& timers, const Scenario& scenario, Broken broken,
                 unsigned node)
        : destination_(destination), timers_(timers), scenario_(scenario), broken_(broken), node_(node) {}
    connector::Sink* sink() override { return this; }
    run::Task<Result<void>> check() override { co_return Result<void>{}; }
    connector::Idempotency idempotency(const std::string&) const override { return scenario_.kind; }
    std::size_t batch_limit(const std::string&) const override { return scenario_.batch; }
    run::Task<std::vector<Outcome>> push(std::string action, std::vector<connector::Push> items) override;
    run::Task<Result<std::optional<connector::Receipt>>> look_up(std::string action,
                                                                 const connector::Push& item) override;

  private:
    SimDestination& destination_;
    run::Timers& timers_;
    const Scenario& scenario_;
    Broken broken_;
    unsigned node_;
    std::uint64_t attempts_ = 0;
};

}  // namespace tributary::simulation

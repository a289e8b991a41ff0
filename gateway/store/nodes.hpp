// Nodes: the gateways that share this store, and the change of their configuration that is on its way.
//
// Times are the caller's and kept by the clock of the database, as those of leases. A generation tells a configuration;
// what it looks like is its writer's business. Never a personal value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

struct Node {
    std::string id;    // the owner of its leases
    std::string name;  // for people
    std::string version;
    Timestamp started_at;
    Timestamp until;             // later it counts as gone
    std::string generation;      // in force there
    std::uint64_t answered = 0;  // the newest change that it has an answer to
    std::string refusal;         // that answer; empty: it can take the change up
};

struct ConfigurationChange {
    enum class State : std::uint8_t { open = 0, taken_up = 1, given_up = 2 };
    std::uint64_t number = 0;  // each is one higher than the one before
    std::string generation;
    std::string proposed_by;  // a node
    Timestamp until;          // it is given up then
    State state = State::open;
    std::string reason;  // why it was given up
};

class NodesView {
  public:
    virtual ~NodesView() = default;
    // By name; also those that are gone.
    virtual Result<std::vector<Node>> list() = 0;
    // The newest one; nullopt before the first.
    virtual Result<std::optional<ConfigurationChange>> change() = 0;
};

class Nodes : public virtual NodesView {
  public:
    // New, or as it is now.
    virtual Result<void> put(const Node& node) = 0;
    // None of that id is no error.
    virtual Result<void> remove(const std::string& id) = 0;
    // Forgets those that are gone since before then.
    virtual Result<void> sweep(Timestamp before) = 0;
    // Its number; nullopt while another one is open at `now`.
    virtual Result<std::optional<std::uint64_t>> propose(const std::string& generation, const std::string& by,
                                                         Timestamp until, Timestamp now) = 0;
    // conflict: it is not open any more.
    virtual Result<void> decide(std::uint64_t number, ConfigurationChange::State state, const std::string& reason) = 0;
};

}  // namespace tributary::store

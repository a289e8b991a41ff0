// WitnessRounds: has the newest checkpoint of the audit trail signed by witnesses (audit/witness.hpp), those with an
// address every few minutes, the others by hand. Of each the newest cosigned checkpoint is kept in the store, and all
// of them in the file of checkpoints. Who is asked gets origin, size and hashes, nothing of an entry.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "gateway/audit/witness.hpp"
#include "gateway/flow/audit_keeper.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/net/http_client.hpp"
#include "gateway/run/task.hpp"

namespace tributary::flow {

struct WitnessRoute {
    audit::NoteKey key;
    std::string url;  // empty: by hand
    net::HttpOptions options;
};

class WitnessRounds {
  public:
    // All outlive it.
    WitnessRounds(World& world, AuditKeeper& keeper, net::HttpClient& http, std::vector<WitnessRoute> routes,
                  std::size_t quorum)
        : world_(world), keeper_(keeper), http_(http), routes_(std::move(routes)), quorum_(quorum) {}

    const std::vector<WitnessRoute>& routes() const { return routes_; }
    std::size_t quorum() const { return quorum_; }
    // not_found names the known ones.
    Result<const WitnessRoute*> route(const std::string& name) const;

    // Asks one for what it has not signed yet. refused: it knows another trail under our name than this one, which is a
    // sign that ours was cut off or written anew. transient: it cannot be reached, or does not know us.
    run::Task<Result<audit::Witnessed>> ask(const WitnessRoute& route);
    // The request, for a witness that is asked by hand. `known`: what it says that it signed last; unset: what we have
    // of it. Blocks; reads the whole trail.
    Result<std::string> request(const WitnessRoute& route, std::optional<std::uint64_t> known);
    // What it answered: its signature of any checkpoint that is kept here. Blocks.
    Result<audit::Witnessed> take(const WitnessRoute& route, std::string_view answer);
    // The notes that are kept of witnesses, one after the other. Blocks.
    Result<std::string> notes() const;

  private:
    Result<audit::Witnessed> newest_of(const WitnessRoute& route) const;
    // What the trail was at this size, if a checkpoint says so.
    Result<std::optional<audit::Tree>> tree_of(std::uint64_t size) const;
    Result<std::string> body(std::uint64_t known, const store::AuditCheckpoint& of);
    Result<audit::Witnessed> keep(const WitnessRoute& route, const std::string& note);

    World& world_;
    AuditKeeper& keeper_;
    net::HttpClient& http_;
    std::vector<WitnessRoute> routes_;
    std::size_t quorum_;
};

}  // namespace tributary::flow

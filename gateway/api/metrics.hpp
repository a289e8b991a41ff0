// Metrics: the Prometheus text of what the gateway counts. Labels are names from the configuration and reason codes,
// never an id or a value of a record.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/flow/backup_keeper.hpp"
#include "gateway/flow/lease_losses.hpp"
#include "gateway/net/http_server.hpp"
#include "gateway/run/breaker.hpp"
#include "gateway/store/alerts.hpp"
#include "gateway/store/counters.hpp"
#include "gateway/store/jobs.hpp"
#include "gateway/store/overview.hpp"
#include "gateway/store/propagation.hpp"
#include "gateway/store/store.hpp"

namespace tributary::api {

struct LedgerState {
    std::uint64_t lines = 0;
    bool failing = false;
};

struct ConfigurationState {
    std::uint64_t loaded = 1;   // since the start, the first included
    std::uint64_t refused = 0;  // new ones that were not taken up
    Timestamp since;            // when the one in force was loaded
};

// Of a store that several gateways may share.
struct NodeFigures {
    unsigned gateways = 1;  // that live
    bool differs = false;   // one of them has had another configuration for a while
};

struct Snapshot {
    std::string gateway, version;
    store::Stats stats;
    store::StoreHealth health;
    std::map<std::string, std::uint64_t> refusals;  // webhooks, by reason code
    std::map<flow::LeaseLosses::Place, std::uint64_t> lost_leases;
    net::HttpServerStats webhooks;
    std::map<std::string, Timestamp> certificates;        // when the one of each face ends
    std::map<std::string, run::Breaker::State> breakers;  // by destination
    std::vector<store::JobRun> newest_runs;               // one for each (connection, stream)
    std::vector<store::AlertTotal> alerts;                // by rule
    std::optional<flow::BackupState> backup;              // unset: there is no place for backups
    std::optional<LedgerState> ledger;                    // unset: none is kept
    store::HeldRows held_rows;
    std::vector<store::PropagationCount> propagation;
    std::uint64_t propagation_overdue = 0;            // not done a day after it was due
    std::optional<ConfigurationState> configuration;  // of a gateway that runs
    std::optional<NodeFigures> nodes;
    Timestamp now;
};

// Prometheus exposition format 0.0.4.
std::string render_metrics(const Snapshot& snapshot);

}  // namespace tributary::api

// Gateway: the engine of one configuration, wired: connections, deliveries, and the workers that run them on a host. A
// reload builds a second one beside it, on the same host. Commands open one without starting it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/api/metrics.hpp"
#include "gateway/app/bound_client.hpp"
#include "gateway/app/catalogue.hpp"
#include "gateway/app/host.hpp"
#include "gateway/app/public_opt_in.hpp"
#include "gateway/base/log.hpp"
#include "gateway/flow/backup_keeper.hpp"
#include "gateway/flow/delivery_worker.hpp"
#include "gateway/flow/inbox_worker.hpp"
#include "gateway/flow/ingest.hpp"
#include "gateway/flow/process.hpp"
#include "gateway/flow/propagation_worker.hpp"
#include "gateway/flow/subscription_keeper.hpp"
#include "gateway/flow/sync_scheduler.hpp"
#include "gateway/flow/witnesses.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/net/watched_client.hpp"
#include "gateway/run/stop.hpp"

namespace tributary::app {

class GatewayWatch;

class Gateway {
  public:
    // Takes both, of one configuration. All connections are built; no socket is opened yet.
    static Result<std::shared_ptr<Gateway>> open(std::unique_ptr<Catalogue> catalogue,
                                                 std::unique_ptr<Foundation> foundation, Log& log);
    // The next configuration of a host that runs; the connections go on obeying the rate budgets of `before`. Blocks.
    static Result<std::shared_ptr<Gateway>> open(std::unique_ptr<Catalogue> catalogue, std::shared_ptr<Host> host,
                                                 const Gateway& before);
    // While its host runs: on the host's loop, after rest().
    ~Gateway();

    // Inbox worker, sync schedules, deliveries and what else runs by itself.
    void start_workers();
    // The workers take no new work and end what is begun. The names of those that did not in time: empty is a clean
    // end. The gateway must not be destroyed before they have ended all the same.
    run::Task<std::vector<std::string>> rest(Milliseconds longest);
    bool at_rest() const { return stop_.idle(); }
    // A request to the public face.
    run::Task<net::HttpResponse> handle_public(net::InboundHttp request);
    // What metrics and `status` show. Blocks.
    Result<api::Snapshot> snapshot();

    flow::World& world() { return *world_; }
    flow::Process& process() { return *process_; }
    const Catalogue& catalogue() const { return *catalogue_; }
    Foundation& foundation() { return *host_->foundation; }
    Host& host() { return *host_; }
    run::Loop& loop() { return host_->loop; }
    flow::AuditKeeper& audit() { return host_->audit; }
    flow::WitnessRounds& witnesses() { return *witnesses_; }
    GatewayWatch& watch() { return *watch_; }
    net::HttpClient& http() { return host_->http; }
    const std::vector<std::unique_ptr<flow::DeliveryWorker>>& deliveries() const { return deliveries_; }
    // Null when the configuration names no place for backups.
    flow::BackupKeeper* backups() { return backups_.get(); }
    flow::InboxWorker& inbox() { return *inbox_; }
    // Its workers run, or did.
    bool serving() const { return host_->running.load() != nullptr; }
    PublicLogins& public_logins() { return host_->public_logins; }
    AccessDesks& access() { return host_->access; }
    flow::DoubleOptIn& opt_in() { return *opt_in_; }
    Log& log() { return host_->log; }

  private:
    Gateway(std::unique_ptr<Catalogue> catalogue, std::shared_ptr<Host> host);
    Result<void> build();
    Result<void> build_connections();
    Result<flow::Connection> build_connection(const ConnectionConfig& config);
    Result<void> build_deliveries();
    void build_backups();
    run::Task<> housekeeping(std::stop_token stop);
    run::Task<> keep_keys(std::stop_token stop);
    run::Task<> retention(std::stop_token stop);
    void build_witnesses();
    // What is withdrawn or erased goes into the ledger outside.
    run::Task<> follow_ledger(std::stop_token stop);
    run::Task<> ask_witnesses(std::stop_token stop);
    void keep_requests();
    void roll_epoch();

    std::shared_ptr<Host> host_;
    std::unique_ptr<Catalogue> catalogue_;
    std::vector<std::unique_ptr<BoundClient>> bound_clients_;           // of the connections
    std::vector<std::unique_ptr<net::WatchedClient>> watched_clients_;  // around those
    std::unique_ptr<flow::World> world_;
    std::unique_ptr<flow::Process> process_;
    std::unique_ptr<GatewayWatch> watch_;
    std::unique_ptr<flow::DoubleOptIn> opt_in_;
    std::unique_ptr<PublicOptIn> opt_in_page_;
    std::unique_ptr<flow::InboxWorker> inbox_;
    std::unique_ptr<flow::SyncScheduler> scheduler_;
    std::unique_ptr<flow::SubscriptionKeeper> keeper_;
    std::unique_ptr<flow::BackupKeeper> backups_;
    std::unique_ptr<flow::PropagationWorker> propagation_;
    std::unique_ptr<flow::WitnessRounds> witnesses_;
    std::unique_ptr<flow::Ingest> ingest_;
    std::vector<std::unique_ptr<flow::DeliveryWorker>> deliveries_;
    run::GracefulStop stop_;  // of the workers
};

}  // namespace tributary::app

// Gateway: the whole engine of one configuration, wired: vault, store, connections, flow. Opening it takes the store's
// lock; start() brings up the faces and the workers. Commands open one without starting it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/api/admin_face.hpp"
#include "gateway/app/access_desks.hpp"
#include "gateway/app/bound_client.hpp"
#include "gateway/app/catalogue.hpp"
#include "gateway/app/certificate_watch.hpp"
#include "gateway/app/public_logins.hpp"
#include "gateway/app/public_opt_in.hpp"
#include "gateway/base/log.hpp"
#include "gateway/flow/audit_keeper.hpp"
#include "gateway/flow/backup_keeper.hpp"
#include "gateway/flow/delivery_worker.hpp"
#include "gateway/flow/inbox_worker.hpp"
#include "gateway/flow/ingest.hpp"
#include "gateway/flow/key_rotation.hpp"
#include "gateway/flow/ledger_keeper.hpp"
#include "gateway/flow/process.hpp"
#include "gateway/flow/propagation_worker.hpp"
#include "gateway/flow/subscription_keeper.hpp"
#include "gateway/flow/sync_scheduler.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/net/curl_client.hpp"
#include "gateway/net/http_server.hpp"
#include "gateway/run/stop.hpp"
#include "gateway/store/vault_stores.hpp"
#include "gateway/vault/grants.hpp"
#include "gateway/vault/vault.hpp"

namespace tributary::net {
class WatchedClient;
}

namespace tributary::app {

class GatewayWatch;

// Master key, key ring and store of a configuration: what `secret` needs, before any connection can be built.
struct Foundation {
    SystemClock clock;
    crypto::SystemRandom random;
    std::optional<vault::KeyRing> ring;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<store::StoredKeys> keys;
    std::unique_ptr<store::StoredSecrets> secrets;
    std::unique_ptr<store::StoredGrants> stored_grants;
    std::unique_ptr<vault::Vault> vault;
    std::unique_ptr<vault::Grants> grants;
    std::unique_ptr<flow::KeyRotation> rotation;
    std::vector<std::unique_ptr<BoundClient>> bound_clients;  // of the connections

    // conflict: another process has the store open. not_found: there is no master key yet (`tributary init` makes one).
    static Result<std::unique_ptr<Foundation>> open(const Config& config, Log& log);
};

// bad_config: there is no master key or no ring yet (`tributary init` makes them), or they do not belong together.
Result<vault::KeyRing> open_ring(const Config& config);

// Makes master key and key ring where they are missing; never touches what is there. Returns the files it made.
Result<std::vector<std::filesystem::path>> initialise(const Config& config);

class Gateway {
  public:
    // Takes both, of one configuration. All connections are built; no socket is opened yet.
    static Result<std::unique_ptr<Gateway>> open(std::unique_ptr<Catalogue> catalogue,
                                                 std::unique_ptr<Foundation> foundation, Log& log);
    ~Gateway();

    // Faces, inbox worker, sync schedules, deliveries. bad_config: an address is taken.
    Result<void> start();
    // Blocks until a signal or request_stop(), then drains: no new work, what is begun ends. Returns how it went.
    Result<void> wait();
    void request_stop();
    // What metrics and `status` show. Blocks.
    Result<api::Snapshot> snapshot();

    flow::World& world() { return *world_; }
    flow::Process& process() { return *process_; }
    const Catalogue& catalogue() const { return *catalogue_; }
    Foundation& foundation() { return *foundation_; }
    run::Loop& loop() { return loop_; }
    flow::AuditKeeper& audit() { return audit_; }
    GatewayWatch& watch() { return *watch_; }
    net::HttpClient& http() { return *http_; }
    // Webhooks whose signature did not hold since the start, by connection.
    std::map<std::string, std::uint64_t> signature_failures() const { return ingest_->signature_failures(); }
    const std::vector<std::unique_ptr<flow::DeliveryWorker>>& deliveries() const { return deliveries_; }
    // Null when the configuration names no place for backups.
    flow::BackupKeeper* backups() { return backups_.get(); }
    flow::InboxWorker& inbox() { return *inbox_; }
    // Its workers run, or did.
    bool serving() const { return webhook_server_ != nullptr; }
    PublicLogins& public_logins() { return public_logins_; }
    AccessDesks& access() { return access_; }
    flow::DoubleOptIn& opt_in() { return *opt_in_; }
    Log& log() { return log_; }
    std::uint16_t webhook_port() const;
    std::uint16_t admin_port() const;

  private:
    Gateway(std::unique_ptr<Catalogue> catalogue, std::unique_ptr<Foundation> foundation, Log& log);
    Result<void> build_connections();
    Result<flow::Connection> build_connection(const ConnectionConfig& config);
    Result<void> build_deliveries();
    void build_backups();
    Result<void> start_faces();
    Result<void> make_admin_face();
    Result<void> write_act(std::string_view action);
    run::Task<net::HttpResponse> handle_public(net::InboundHttp request);
    void start_workers();
    run::Task<> housekeeping(std::stop_token stop);
    run::Task<> keep_keys(std::stop_token stop);
    run::Task<> retention(std::stop_token stop);

    std::unique_ptr<Catalogue> catalogue_;
    std::unique_ptr<Foundation> foundation_;
    Log& log_;
    run::SystemTimers timers_;
    run::Loop loop_{"connectors"};
    run::Pool pool_;
    std::unique_ptr<net::CurlClient> http_;
    std::vector<std::unique_ptr<net::WatchedClient>> clients_;  // one for each connection
    vault::SubjectKeys subject_keys_;
    vault::BlindIndex blind_, suppression_index_;
    PublicLogins public_logins_;
    flow::AuditKeeper audit_;
    flow::LedgerKeeper ledger_;
    AccessDesks access_;
    std::unique_ptr<flow::World> world_;
    std::unique_ptr<flow::Process> process_;
    std::unique_ptr<GatewayWatch> watch_;
    std::unique_ptr<flow::DoubleOptIn> opt_in_;
    std::unique_ptr<PublicOptIn> opt_in_page_;
    std::unique_ptr<flow::Ingest> ingest_;
    std::unique_ptr<flow::InboxWorker> inbox_;
    std::unique_ptr<flow::SyncScheduler> scheduler_;
    std::unique_ptr<flow::SubscriptionKeeper> keeper_;
    std::unique_ptr<flow::BackupKeeper> backups_;
    std::unique_ptr<flow::PropagationWorker> propagation_;
    std::vector<std::unique_ptr<flow::DeliveryWorker>> deliveries_;
    std::unique_ptr<api::AdminFace> admin_;
    std::unique_ptr<net::HttpServer> webhook_server_, admin_server_;
    CertificateWatch certificates_;
    run::GracefulStop stop_;
};

}  // namespace tributary::app

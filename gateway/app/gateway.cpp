#include "gateway/app/gateway.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include "gateway/app/connection_setup.hpp"
#include "gateway/app/gateway_watch.hpp"
#include "gateway/app/version.hpp"
#include "gateway/crypto/hkdf.hpp"
#include "gateway/net/watched_client.hpp"

namespace tributary::app {

using namespace std::chrono_literals;

namespace {

// Blocking store calls sleep in an fsync most of the time, so there are more threads than cores.
std::size_t pool_size(const ThreadsConfig& threads) {
    return std::max<std::size_t>(8, 4 * (threads.work ? threads.work : std::thread::hardware_concurrency()));
}

// The audit key of the ring seals; what signs is derived from it.
crypto::SecretBytes checkpoint_seed(const vault::KeyRing& ring) {
    return crypto::hkdf_sha256(ring.primary(vault::Use::audit)->key().reveal(), "", "tributary audit checkpoint");
}

}  // namespace

Gateway::Gateway(std::unique_ptr<Catalogue> catalogue, std::unique_ptr<Foundation> foundation, Log& log)
    : catalogue_(std::move(catalogue)),
      foundation_(std::move(foundation)),
      log_(log),
      pool_("work", pool_size(catalogue_->config.threads)),
      http_(std::make_unique<net::CurlClient>(loop_)),
      subject_keys_(*foundation_->ring, foundation_->random),
      blind_(*foundation_->ring),
      suppression_index_(*foundation_->ring, vault::Use::suppression),
      audit_(*foundation_->store, foundation_->clock, log_,
             audit::NoteSigner(catalogue_->config.gateway.name + "/audit", checkpoint_seed(*foundation_->ring)),
             catalogue_->config.audit.checkpoints),
      ledger_(*foundation_->store, *foundation_->ring, log_,
              catalogue_->config.backup ? catalogue_->config.backup->ledger : std::filesystem::path()),
      access_(catalogue_->config, *foundation_->store, *foundation_->ring, foundation_->random, foundation_->clock),
      certificates_(log) {
    const auto& config = catalogue_->config;
    world_.reset(new flow::World{foundation_->clock,
                                 foundation_->random,
                                 log_,
                                 timers_,
                                 pool_,
                                 *foundation_->store,
                                 *foundation_->keys,
                                 subject_keys_,
                                 blind_,
                                 suppression_index_,
                                 *foundation_->ring,
                                 catalogue_->model,
                                 catalogue_->purposes,
                                 config.survivorship,
                                 {},
                                 {}});
    if (catalogue_->service) world_->service = &*catalogue_->service;
    watch_ = std::make_unique<GatewayWatch>(*this);
    world_->tally = &watch_->tally();
    process_ = std::make_unique<flow::Process>(*world_);
    opt_in_ = std::make_unique<flow::DoubleOptIn>(*world_, *process_);
    opt_in_page_ = std::make_unique<PublicOptIn>(*opt_in_, pool_);
    inbox_ = std::make_unique<flow::InboxWorker>(*world_, *process_);
    keeper_ = std::make_unique<flow::SubscriptionKeeper>(*world_, config.gateway.public_url);
    propagation_ = std::make_unique<flow::PropagationWorker>(*world_);
    scheduler_ = std::make_unique<flow::SyncScheduler>(*world_, *process_);
    flow::IngestLimits limits;
    if (config.limits.waiting_writes) limits.max_queued = config.limits.waiting_writes;
    ingest_ = std::make_unique<flow::Ingest>(*world_, config.gateway.public_url, loop_.executor(), limits);
    ingest_->on_accepted = [this] { inbox_->wake(); };
    inbox_->on_news = [this](const std::string& connection, const std::string& stream) {
        if (!scheduler_->wake(connection, stream))
            log_.warn("a webhook has news of a stream that has no schedule, so it is not read",
                      {{"connection", connection}, {"stream", stream}});
    };
}

Gateway::~Gateway() {
    if (webhook_server_) webhook_server_->stop(0ms);
    if (admin_server_) admin_server_->stop(0ms);
    if (loop_.started()) loop_.stop();
    if (auto kept = ledger_.keep(); !kept) log_.error("the outer ledger is behind", kept.error());
    if (foundation_->store) foundation_->store->stop();
}

Result<std::unique_ptr<Gateway>> Gateway::open(std::unique_ptr<Catalogue> catalogue,
                                               std::unique_ptr<Foundation> foundation, Log& log) {
    std::unique_ptr<Gateway> gateway(new Gateway(std::move(catalogue), std::move(foundation), log));
    // A store that was restored remembers again before anybody reads it.
    if (auto replayed = gateway->ledger_.open(); !replayed) return pass(std::move(replayed), "backup.ledger");
    gateway->build_backups();
    CHECK_OK(gateway->build_connections());
    CHECK_OK(gateway->build_deliveries());
    CHECK_OK(gateway->watch_->restore_pauses());
    return gateway;
}

Result<void> Gateway::build_connections() {
    for (const auto& config : catalogue_->config.connections) {
        auto connection = build_connection(config);
        if (!connection) return pass(std::move(connection), "connection " + config.name);
        world_->connections.emplace(config.name, std::move(*connection));
    }
    return {};
}

Result<flow::Connection> Gateway::build_connection(const ConnectionConfig& config) {
    auto& client = clients_.emplace_back(
        std::make_unique<net::WatchedClient>(*http_, [this, name = config.name](const std::string& host) {
            watch_->tally().count("egress.block", {{"connection", name}, {"host", host}});
        }));
    TRY(auto setup, connection_setup(config, catalogue_->config, *foundation_, {*client, timers_, pool_, log_}));
    flow::Connection connection;
    connection.name = config.name;
    connection.connector_name = config.connector.value;
    connection.trusted_contact_points = config.trusted_contact_points;
    connection.customer_number_space = config.customer_number_space;
    connection.paused = config.pause;
    if (config.webhooks) {
        connection.allow_from = config.webhooks->allow_from;
        connection.subscribe = config.webhooks->subscribe;
        for (const auto& topic : config.webhooks->topics) connection.topics.push_back(*topic);
    }
    const auto* about = catalogue_->connectors.find(*config.connector);
    if (connection.topics.empty() && about) connection.topics = about->topics;
    TRY(connection.connector, catalogue_->connectors.build(config.connector.value, std::move(setup)));
    for (const auto& [name, stream] : config.streams) {
        auto plan = catalogue_->plans.find(stream.mapping.value);
        if (plan == catalogue_->plans.end())
            return fail(Fault::bad_config, "there is no mapping " + stream.mapping.value, "stream " + name);
        bool runs = !stream.pause && !config.pause;
        connection.streams.emplace(
            name, flow::Stream{name, plan->second, runs ? stream.schedule : std::nullopt, stream.full_refresh});
    }
    return connection;
}

Result<void> Gateway::build_deliveries() {
    for (const auto& config : catalogue_->config.deliveries) {
        flow::Delivery delivery;
        delivery.name = config.name.value;
        delivery.to = config.to.value;
        delivery.entity = config.entity.value;
        delivery.action = config.action.value;
        delivery.purpose = config.purpose.value;
        delivery.channel = config.channel;
        delivery.on_permanent_failure = config.on_permanent_failure;
        delivery.backoff = config.retry;
        delivery.deletes = config.deletes;
        delivery.batch = config.batch.value_or(0);
        const auto* target = world_->connection(config.to.value);
        delivery.paused = config.pause || (target && target->paused);
        if (const auto* to = catalogue_->config.connection(config.to.value)) delivery.processor = to->processor;
        if (config.mapping) {
            auto plan = catalogue_->plans.find(config.mapping->value);
            if (plan == catalogue_->plans.end())
                return fail(Fault::bad_config, "there is no mapping " + config.mapping->value,
                            "delivery " + delivery.name);
            delivery.plan = plan->second;
        }
        world_->deliveries.push_back(std::move(delivery));
    }
    return {};
}

void Gateway::build_backups() {
    const auto& config = catalogue_->config;
    const auto* sqlite = std::get_if<SqliteConfig>(&config.store);
    if (!config.backup || !sqlite) return;
    const auto& backup = *config.backup;
    backups_ = std::make_unique<flow::BackupKeeper>(
        *world_, ledger_, audit_.key(),
        flow::BackupPlaces{sqlite->path, backup.folder, backup.ledger, config.gateway.name, std::string(kVersion)},
        flow::BackupRules{backup.schedule, backup.drills, backup.keep, backup.keep_keys});
}

std::uint16_t Gateway::webhook_port() const {
    return webhook_server_->port();
}
std::uint16_t Gateway::admin_port() const {
    return admin_server_->port();
}

void Gateway::request_stop() {
    stop_.request();
}

}  // namespace tributary::app

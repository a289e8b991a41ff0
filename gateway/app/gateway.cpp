#include "gateway/app/gateway.hpp"

#include <set>

#include "gateway/app/connection_setup.hpp"
#include "gateway/app/credentials.hpp"
#include "gateway/app/gateway_watch.hpp"
#include "gateway/app/version.hpp"

namespace tributary::app {

Gateway::Gateway(std::unique_ptr<Catalogue> catalogue, std::shared_ptr<Host> host)
    : host_(std::move(host)), catalogue_(std::move(catalogue)) {
    const auto& config = catalogue_->config;
    auto& foundation = *host_->foundation;
    world_.reset(new flow::World{foundation.clock,
                                 foundation.random,
                                 host_->log,
                                 host_->timers,
                                 host_->pool,
                                 *foundation.store,
                                 *foundation.keys,
                                 host_->subject_keys,
                                 host_->blind,
                                 host_->suppression_index,
                                 *foundation.ring,
                                 catalogue_->model,
                                 catalogue_->purposes,
                                 config.survivorship,
                                 {},
                                 {}});
    if (catalogue_->service) world_->service = &*catalogue_->service;
    world_->tally = &host_->tally;
    world_->losses = &host_->losses;
    watch_ = std::make_unique<GatewayWatch>(*this);
    process_ = std::make_unique<flow::Process>(*world_);
    opt_in_ = std::make_unique<flow::DoubleOptIn>(*world_, *process_);
    opt_in_page_ = std::make_unique<PublicOptIn>(*opt_in_, host_->pool);
    inbox_ = std::make_unique<flow::InboxWorker>(*world_, *process_);
    keeper_ = std::make_unique<flow::SubscriptionKeeper>(*world_, config.gateway.public_url);
    propagation_ = std::make_unique<flow::PropagationWorker>(*world_);
    build_witnesses();
    scheduler_ = std::make_unique<flow::SyncScheduler>(*world_, *process_);
    flow::IngestLimits limits;
    if (config.limits.waiting_writes) limits.max_queued = config.limits.waiting_writes;
    ingest_ = std::make_unique<flow::Ingest>(*world_, config.gateway.public_url, host_->loop.executor(),
                                             host_->refusals, limits);
    ingest_->on_accepted = [this] { inbox_->wake(); };
    inbox_->on_news = [this](const std::string& connection, const std::string& stream) {
        if (!scheduler_->wake(connection, stream))
            log().warn("a webhook has news of a stream that has no schedule, so it is not read",
                       {{"connection", connection}, {"stream", stream}});
    };
}

Gateway::~Gateway() {
    // Connectors end with the loop that they run on, or on it.
    if (!serving()) host_->close();
}

Result<std::shared_ptr<Gateway>> Gateway::open(std::unique_ptr<Catalogue> catalogue,
                                               std::unique_ptr<Foundation> foundation, Log& log) {
    TRY(auto host, Host::open(catalogue->config, std::move(foundation), log));
    std::shared_ptr<Gateway> gateway(new Gateway(std::move(catalogue), std::move(host)));
    CHECK_OK(gateway->build());
    return gateway;
}

Result<std::shared_ptr<Gateway>> Gateway::open(std::unique_ptr<Catalogue> catalogue, std::shared_ptr<Host> host,
                                               const Gateway& before) {
    catalogue->connectors.keep_budgets_of(before.catalogue_->connectors);
    std::shared_ptr<Gateway> gateway(new Gateway(std::move(catalogue), std::move(host)));
    CHECK_OK(gateway->build());
    return gateway;
}

Result<void> Gateway::build() {
    build_backups();
    CHECK_OK(build_connections());
    CHECK_OK(build_deliveries());
    return watch_->restore_pauses();
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
    auto& bound = bound_clients_.emplace_back(
        std::make_unique<BoundClient>(host_->http, *foundation().vault, secrets_of(config)));
    const auto tell = [&tally = host_->tally, name = config.name](const std::string& host) {
        tally.count("egress.block", {{"connection", name}, {"host", host}});
    };
    // Outside of the binding, so that its refusals are told too.
    auto& client = watched_clients_.emplace_back(std::make_unique<net::WatchedClient>(*bound, tell));
    TRY(auto setup, connection_setup(config, catalogue_->config, foundation(),
                                     {*client, host_->timers, host_->pool, host_->log, tell}));
    flow::Connection connection;
    connection.name = config.name;
    connection.connector_name = config.connector.value;
    connection.trusted_contact_points = config.trusted_contact_points;
    connection.customer_number_space = config.customer_number_space;
    connection.paused = config.pause;
    if (config.webhooks) {
        connection.allow_from = config.webhooks->allow_from;
        connection.subscribe = config.webhooks->subscribe;
        connection.from_browser = config.webhooks->from_browser;
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
        auto& made = connection.streams
                         .emplace(name, flow::Stream{name, plan->second, runs ? stream.schedule : std::nullopt,
                                                     stream.full_refresh})
                         .first->second;
        for (const auto& purpose : stream.purposes) made.purposes.push_back(*purpose);
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
    std::set<std::string> destinations;
    for (const auto& delivery : world_->deliveries) destinations.insert(delivery.to);
    for (const auto& destination : destinations)
        deliveries_.push_back(std::make_unique<flow::DeliveryWorker>(*world_, destination));
    return {};
}

void Gateway::build_backups() {
    const auto& config = catalogue_->config;
    const auto* sqlite = std::get_if<SqliteConfig>(&config.store);
    if (!config.backup || !sqlite) return;
    const auto& backup = *config.backup;
    backups_ = std::make_unique<flow::BackupKeeper>(
        *world_, host_->ledger, host_->audit.key(),
        flow::BackupPlaces{sqlite->path, backup.folder, backup.ledger, config.gateway.name, std::string(kVersion)},
        flow::BackupRules{backup.schedule, backup.drills, backup.keep, backup.keep_keys});
}

}  // namespace tributary::app

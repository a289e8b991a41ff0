// Bringing a gateway up and down: faces, workers, housekeeping, drain.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "gateway/app/gateway.hpp"
#include "gateway/app/gateway_watch.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/operations_subject.hpp"
#include "gateway/app/report_schedule.hpp"
#include "gateway/app/routes.hpp"
#include "gateway/app/version.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/withdrawal.hpp"

namespace tributary::app {

using namespace std::chrono_literals;

namespace {

constexpr Milliseconds kDrain = 20s;
constexpr Milliseconds kReap = 5s;
constexpr Milliseconds kSweep = 10min;
constexpr Milliseconds kFirstRetention = 10min, kRetention = 24h;
constexpr std::size_t kSweepRows = 5000;
constexpr Milliseconds kAlertsKept = std::chrono::days(365);  // acknowledged ones: a year of reviews
// What was decided, or not, stays to be seen for a while; the audit trail has it for good.
constexpr Milliseconds kApprovalsKept = std::chrono::days{30};

net::HttpServerOptions face(const ListenConfig& listen, unsigned threads) {
    net::HttpServerOptions options;
    options.address = listen.address.host;
    options.port = listen.address.port;
    options.threads = threads;
    if (const auto& tls = listen.tls)
        options.tls = net::ServerTls{tls->certificate.string(), tls->key.string(), tls->client_authority.string()};
    return options;
}

// The command line of the same user reads it; it changes with every start.
Result<std::string> write_token(const std::filesystem::path& path, crypto::Random& random) {
    std::string token = to_hex(crypto::random_bytes(32, random));
    std::error_code ignored;  // there may be none
    std::filesystem::remove(path, ignored);
    int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = file >= 0 && ::write(file, token.data(), token.size()) == static_cast<ssize_t>(token.size());
    if (file >= 0) ::close(file);
    if (!written) return fail(Fault::bad_config, "the admin token cannot be written", path.string());
    return token;
}

}  // namespace

Result<void> Gateway::start() {
    loop_.start();
    stop_.watch_signals(loop_);
    CHECK_OK(start_faces());
    start_workers();
    // A full store must not keep it from delivering what waits.
    if (auto told = write_act("gateway.start"); !told) log_.error("the start is not in the audit trail", told.error());
    if (auto told = watch_->tell_loaded(); !told) log_.error("what was loaded is not in the audit trail", told.error());
    admin_->set_ready(true);
    log_.info("gateway started",
              {{"name", catalogue_->config.gateway.name}, {"webhooks", webhook_port()}, {"admin", admin_port()}});
    return {};
}

// What the gateway did by itself, in the audit trail.
Result<void> Gateway::write_act(std::string_view action) {
    const auto entry = flow::audit_entry(foundation_->clock, "system", catalogue_->config.gateway.name, action,
                                         {{"version", std::string(kVersion)}});
    return foundation_->store->write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    });
}

Result<void> Gateway::make_admin_face() {
    TRY(auto token, write_token(admin_token_path(catalogue_->config), foundation_->random));
    api::AdminParts parts{
        access_.bearers,
        access_.writes,
        pool_,
        foundation_->random,
        log_,
        std::move(token),
        catalogue_->config.access.open_metrics,
        admin_routes(),
        operation_infos(),
        [this](access::Caller caller, std::string name, value::Document arguments) {
            return perform(*this, std::move(caller), std::move(name), std::move(arguments));
        },
        [this]() -> run::Task<Result<api::Snapshot>> { return run::on(pool_, [this] { return snapshot(); }); },
    };
    TRY(admin_, api::AdminFace::make(std::move(parts)));
    return {};
}

Result<void> Gateway::start_faces() {
    const auto& config = catalogue_->config;
    CHECK_OK(make_admin_face());
    admin_server_ = std::make_unique<net::HttpServer>(
        face(config.listen.admin, 1), foundation_->clock,
        [this](net::InboundHttp request) { return admin_->handle(std::move(request)); });

    auto options = face(config.listen.webhooks, std::max(1U, config.threads.network));
    options.max_body = config.limits.body;
    if (config.limits.connections) options.max_connections = config.limits.connections;
    if (config.limits.connections_per_address) options.max_connections_per_ip = config.limits.connections_per_address;
    options.max_requests = 10'000;  // senders reuse connections; a fresh one every ten thousand requests is enough
    webhook_server_ = std::make_unique<net::HttpServer>(
        options, foundation_->clock, [this](net::InboundHttp request) { return handle_public(std::move(request)); });
    if (const auto& tls = config.listen.admin.tls) certificates_.watch("admin", *tls, *admin_server_);
    if (const auto& tls = config.listen.webhooks.tls) certificates_.watch("webhooks", *tls, *webhook_server_);
    CHECK_OK(admin_server_->start());
    return webhook_server_->start();
}

run::Task<net::HttpResponse> Gateway::handle_public(net::InboundHttp request) {
    if (request.path() == PublicLogins::kPath) co_return public_logins_.answer(request, foundation_->clock.now());
    if (request.path() == PublicOptIn::kPath) co_return co_await opt_in_page_->answer(std::move(request));
    co_return co_await ingest_->handle(std::move(request));
}

void Gateway::start_workers() {
    auto token = stop_.token();
    auto spawn = [this](std::string name, run::Task<> task) {
        run::spawn(loop_.executor(), [](run::GracefulStop::Part part, run::Task<> work) -> run::Task<> {
            auto held = std::move(part);  // drained() waits until this is gone
            co_await std::move(work);
        }(stop_.join(std::move(name)), std::move(task)));
    };
    spawn("inbox", inbox_->run(token));
    spawn("housekeeping", housekeeping(token));
    spawn("watch", watch_->run(token));
    for (const auto& report : catalogue_->config.reports)
        spawn("report " + report.name, write_reports(*this, report, token));
    if (backups_) {
        backup::remove_drafts(catalogue_->config.backup->folder);
        spawn("backups", backups_->run(token));
        spawn("ledger", backups_->follow(token));
    }
    spawn("keys", keep_keys(token));
    spawn("propagation", propagation_->run(token));
    spawn("retention", retention(token));
    std::set<std::string> destinations;
    for (const auto& delivery : world_->deliveries) destinations.insert(delivery.to);
    for (const auto& destination : destinations) {
        deliveries_.push_back(std::make_unique<flow::DeliveryWorker>(*world_, destination));
        spawn("delivery " + destination, deliveries_.back()->run(token));
    }
    for (const auto& [name, connection] : world_->connections)
        if (connection.subscribe && !connection.paused) spawn("subscriptions " + name, keeper_->run(name, token));
    for (const auto& [name, connection] : world_->connections)
        for (const auto& [stream_name, stream] : connection.streams)
            if (stream.schedule) spawn("sync " + name + "/" + stream_name, scheduler_->run(name, stream_name, token));
}

run::Task<> Gateway::housekeeping(std::stop_token stop) {
    const auto& keep = catalogue_->config.retention;
    auto swept = timers_.clock().steady() - kSweep;
    while (co_await timers_.sleep_for(kReap, stop)) {
        bool sweep = timers_.clock().steady() - swept >= kSweep;
        if (sweep) swept = timers_.clock().steady();
        auto done = co_await run::on(pool_, [&] {
            return foundation_->store->write([&](store::Session& session) -> Result<void> {
                auto now = foundation_->clock.now();
                TRY(auto reaped, session.outbox().reap(now));
                for (const auto& lane : reaped)
                    log_.warn("lane taken back", {{"destination", lane.destination},
                                                  {"crashes", lane.crash_count},
                                                  {"poisoned", lane.poisoned}});
                if (!sweep) return {};
                CHECK_OK(session.inbox().sweep(now - keep.delivery_ids, kSweepRows));
                CHECK_OK(session.attempts().sweep(now - keep.attempts, kSweepRows));
                CHECK_OK(session.jobs().sweep(now - keep.job_history, kSweepRows));
                CHECK_OK(session.dead_letters().sweep(now - keep.dead_letters, kSweepRows));
                CHECK_OK(session.alerts().sweep(now - kAlertsKept, kSweepRows));
                CHECK_OK(session.accounts().sweep(now));
                CHECK_OK(session.approvals().sweep(now - kApprovalsKept));
                CHECK_OK(session.idempotency().sweep(now - flow::kAnswersKept));
                return {};
            });
        });
        if (!done) log_.error("housekeeping", done.error());
        co_await run::on(pool_, [this] { certificates_.look(foundation_->clock.now()); });
        auto kept = co_await run::on(pool_, [this] { return audit_.keep(); });
        if (!kept) log_.error("no audit checkpoint", kept.error());
    }
}

// Takes up a key ring that another process changed, and goes on with a rotation that was cut off.
run::Task<> Gateway::keep_keys(std::stop_token stop) {
    std::size_t seen = 0;
    auto looked = timers_.clock().steady() - kSweep;
    do {
        if (auto fresh = foundation_->ring->refresh(); !fresh) log_.error("key ring", fresh.error());
        const auto keys = foundation_->ring->keys();
        const bool old =
            std::ranges::any_of(keys, [](const auto& key) { return key.state == vault::KeyState::decrypt_only; });
        const bool due = keys.size() != seen || timers_.clock().steady() - looked >= kSweep;
        if (!old || !due) continue;
        seen = keys.size();
        looked = timers_.clock().steady();
        auto done = co_await run::on(pool_, [&] {
            return foundation_->rotation->rewrap([&](const flow::Rewrap&) { return !stop.stop_requested(); });
        });
        if (!done)
            log_.error("keys are not wrapped anew", done.error());
        else if (done->subject_keys + done->secrets + done->inbox > 0)
            log_.info("keys wrapped anew", {{"subject_keys", done->subject_keys},
                                            {"secrets", done->secrets},
                                            {"webhooks", done->inbox},
                                            {"complete", done->complete}});
    } while (co_await timers_.sleep_for(kReap, stop));
}

// Once a day, and soon after the start.
run::Task<> Gateway::retention(std::stop_token stop) {
    for (auto pause = kFirstRetention; co_await timers_.sleep_for(pause, stop); pause = kRetention) {
        auto reports = co_await run::on(pool_, [this] {
            return flow::run_retention(*world_, retention_rules(catalogue_->config.retention), false);
        });
        if (!reports) {
            log_.error("retention", reports.error());
            continue;
        }
        for (const auto& report : *reports)
            if (report.due > 0)
                log_.info("retention", {{"policy", report.policy},
                                        {"due", report.due},
                                        {"removed", report.removed},
                                        {"held", report.held},
                                        {"overdue", report.overdue()}});
    }
}

Result<void> Gateway::wait() {
    run::run_blocking(loop_, stop_.requested());
    log_.info("stopping");
    admin_->set_ready(false);
    webhook_server_->stop(kDrain);
    auto left = run::run_blocking(loop_, stop_.drained(timers_, kDrain));
    for (const auto& part : left) log_.warn("part did not end in time", {{"part", part}});
    admin_server_->stop(1s);
    loop_.stop();
    if (auto told = watch_->end(); !told) log_.error("refusals are not in the audit trail", told.error());
    if (auto told = write_act("gateway.stop"); !told) log_.error("the stop is not in the audit trail", told.error());
    if (auto kept = audit_.keep(true); !kept) log_.error("no audit checkpoint", kept.error());
    if (auto kept = ledger_.keep(); !kept) log_.error("the outer ledger is behind", kept.error());
    foundation_->store->stop();
    std::error_code ignored;  // the next start replaces it
    std::filesystem::remove(admin_token_path(catalogue_->config), ignored);
    log_.info("stopped");
    if (foundation_->store->health().poisoned)
        return fail(Fault::internal, "the store failed: " + foundation_->store->health().cause);
    return {};
}

Result<api::Snapshot> Gateway::snapshot() {
    api::Snapshot snapshot;
    snapshot.now = foundation_->clock.now();
    snapshot.health = foundation_->store->health();
    snapshot.refusals = ingest_->refusals();
    if (webhook_server_) snapshot.webhooks = webhook_server_->stats();
    snapshot.certificates = certificates_.expiries();
    if (backups_) snapshot.backup = backups_->state();
    for (const auto& worker : deliveries_) snapshot.breakers[worker->destination()] = worker->breaker_state();
    if (snapshot.health.poisoned) return snapshot;
    CHECK_OK(foundation_->store->read([&](store::ReadSession& session) -> Result<void> {
        TRY(snapshot.stats, session.counters().stats());
        TRY(snapshot.alerts, session.alerts().totals());
        TRY(snapshot.propagation, session.propagation().counts());
        TRY(snapshot.propagation_overdue,
            session.propagation().overdue(snapshot.now - flow::kOverdueAfter + flow::kToldWithin));
        for (const auto& [name, connection] : world_->connections)
            for (const auto& [stream_name, stream] : connection.streams) {
                TRY(auto runs, session.jobs().list(name, stream_name, 0, 1));
                if (!runs.empty()) snapshot.newest_runs.push_back(std::move(runs.front()));
            }
        return {};
    }));
    return snapshot;
}

}  // namespace tributary::app

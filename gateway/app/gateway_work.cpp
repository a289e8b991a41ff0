// What a gateway does by itself: its workers, housekeeping, keys, retention.
#include <algorithm>

#include "gateway/app/gateway.hpp"
#include "gateway/app/gateway_watch.hpp"
#include "gateway/app/operations_subject.hpp"
#include "gateway/app/report_schedule.hpp"
#include "gateway/app/running_gateway.hpp"
#include "gateway/app/version.hpp"
#include "gateway/flow/request_sweep.hpp"
#include "gateway/flow/withdrawal.hpp"

namespace tributary::app {

using namespace std::chrono_literals;

namespace {

constexpr Milliseconds kReap = 2s;
constexpr Milliseconds kLookAtRing = 5s;
constexpr Milliseconds kSweep = 10min;
constexpr Milliseconds kFirstRetention = 10min, kRetention = 24h;
constexpr std::size_t kSweepRows = 5000;
constexpr Milliseconds kAlertsKept = std::chrono::days(365);  // acknowledged ones: a year of reviews
// What was decided, or not, stays to be seen for a while; the audit trail has it for good.
constexpr Milliseconds kApprovalsKept = std::chrono::days{30};

// Takes out what was remembered long enough, at most kSweepRows of each kind, so that webhooks do not wait behind it.
// True: there may be more, so the next look takes up where this one ended.
Result<bool> sweep_history(store::Session& session, const RetentionConfig& keep, Timestamp now) {
    TRY(const auto ids, session.inbox().sweep(now - keep.delivery_ids, kSweepRows));
    TRY(const auto attempts, session.attempts().sweep(now - keep.attempts, kSweepRows));
    TRY(const auto jobs, session.jobs().sweep(now - keep.job_history, kSweepRows));
    TRY(const auto letters, session.dead_letters().sweep(now - keep.dead_letters, kSweepRows));
    TRY(const auto alerts, session.alerts().sweep(now - kAlertsKept, kSweepRows));
    CHECK_OK(session.accounts().sweep(now));
    CHECK_OK(session.approvals().sweep(now - kApprovalsKept));
    CHECK_OK(session.idempotency().sweep(now - flow::kAnswersKept));
    return !ids.complete || std::ranges::max({attempts, jobs, letters, alerts}) >= kSweepRows;
}

}  // namespace

run::Task<net::HttpResponse> Gateway::handle_public(net::InboundHttp request) {
    if (request.path() == PublicLogins::kPath) co_return public_logins().answer(request, foundation().clock.now());
    if (request.path() == PublicOptIn::kPath) co_return co_await opt_in_page_->answer(std::move(request));
    co_return co_await ingest_->handle(std::move(request));
}

void Gateway::start_workers() {
    auto token = stop_.token();
    auto spawn = [this](std::string name, run::Task<> task) {
        stop_.spawn(loop().executor(), std::move(name), std::move(task));
    };
    spawn("inbox", inbox_->run(token));
    spawn("housekeeping", housekeeping(token));
    spawn("watch", watch_->run(token));
    for (const auto& report : catalogue_->config.reports)
        spawn("report " + report.name, write_reports(*this, report, token));
    if (backups_) {
        backup::remove_drafts(catalogue_->config.backup->folder);
        spawn("backups", backups_->run(token));
    }
    if (host_->ledger.kept()) spawn("ledger", follow_ledger(token));
    spawn("keys", keep_keys(token));
    spawn("propagation", propagation_->run(token));
    spawn("retention", retention(token));
    spawn("witnesses", ask_witnesses(token));
    for (const auto& worker : deliveries_) spawn("delivery " + worker->destination(), worker->run(token));
    for (const auto& [name, connection] : world_->connections)
        if (connection.subscribe) spawn("subscriptions " + name, keeper_->run(name, token));
    for (const auto& [name, connection] : world_->connections)
        for (const auto& [stream_name, stream] : connection.streams)
            if (stream.schedule) spawn("sync " + name + "/" + stream_name, scheduler_->run(name, stream_name, token));
}

run::Task<> Gateway::housekeeping(std::stop_token stop) {
    const auto& keep = catalogue_->config.retention;
    auto swept = host_->timers.clock().steady() - kSweep;
    bool more = false;
    while (co_await host_->timers.sleep_for(kReap, stop)) {
        const bool sweep = more || host_->timers.clock().steady() - swept >= kSweep;
        if (sweep) swept = host_->timers.clock().steady();
        auto done = co_await run::on(host_->pool, [&] {
            return foundation().store->write([&](store::Session& session) -> Result<void> {
                auto now = foundation().clock.now();
                TRY(auto reaped, session.outbox().reap(now));
                for (const auto& lane : reaped)
                    log().warn("lane taken back", {{"destination", lane.destination},
                                                   {"crashes", lane.crash_count},
                                                   {"poisoned", lane.poisoned}});
                if (!sweep) return {};
                TRY(more, sweep_history(session, keep, now));
                return {};
            });
        });
        if (!done) log().error("housekeeping", done.error());
        if (foundation().store->shared()) {
            auto forgotten = co_await run::on(host_->pool, [this] { return host_->destroyed.follow(); });
            if (!forgotten) log().error("keys that others destroyed", forgotten.error());
        }
        auto kept = co_await run::on(host_->pool, [this] { return host_->audit.keep(); });
        if (!kept) log().error("no audit checkpoint", kept.error());
    }
}

run::Task<> Gateway::follow_ledger(std::stop_token stop) {
    bool told = false;
    do {
        const auto kept = co_await run::on(host_->pool, [&] { return host_->ledger.keep(); });
        if (!kept && !std::exchange(told, true)) log().error("the outer ledger is behind", kept.error());
        if (kept) told = false;
    } while (co_await host_->timers.sleep_for(flow::LedgerKeeper::kPeriod, stop));
}

// Takes up a key ring and secrets that another process changed, and goes on with a rotation that was cut off.
run::Task<> Gateway::keep_keys(std::stop_token stop) {
    std::size_t seen = 0;
    auto looked = host_->timers.clock().steady() - kSweep;
    do {
        if (auto fresh = foundation().ring->refresh(); !fresh) log().error("key ring", fresh.error());
        co_await run::on(host_->pool, [this] { foundation().vault->refresh(); });
        const auto keys = foundation().ring->keys();
        const bool old =
            std::ranges::any_of(keys, [](const auto& key) { return key.state == vault::KeyState::decrypt_only; });
        const bool due = keys.size() != seen || host_->timers.clock().steady() - looked >= kSweep;
        if (!old || !due) continue;
        seen = keys.size();
        looked = host_->timers.clock().steady();
        auto done = co_await run::on(host_->pool, [&] {
            return foundation().rotation->rewrap([&](const flow::Rewrap&) { return !stop.stop_requested(); });
        });
        if (!done)
            log().error("keys are not wrapped anew", done.error());
        else if (done->subject_keys + done->secrets + done->inbox > 0)
            log().info("keys wrapped anew", {{"subject_keys", done->subject_keys},
                                             {"secrets", done->secrets},
                                             {"webhooks", done->inbox},
                                             {"complete", done->complete}});
    } while (co_await host_->timers.sleep_for(kLookAtRing, stop));
}

void Gateway::keep_requests() {
    const auto swept = flow::sweep_requests(*world_, erasure_tools(*this));
    if (!swept) log().error("requests of subjects", swept.error());
    if (swept && swept->expired + swept->resumed + swept->failed > 0)
        log().info("requests of subjects",
                   {{"expired", swept->expired}, {"resumed", swept->resumed}, {"failed", swept->failed}});
}

// At the end of an epoch everybody who is left gets a newer key around their own, and the old one is destroyed: what it
// opens in old files and backups, people who were erased in the meantime among it, opens no more.
void Gateway::roll_epoch() {
    const auto& epoch = catalogue_->config.vault.subject_epoch;
    if (!epoch) return;
    const auto since = foundation().clock.now() - *epoch;
    const auto keys = foundation().ring->keys();
    const bool over = std::ranges::any_of(keys, [&](const auto& key) {
        return key.use == vault::Use::subject && key.state != vault::KeyState::destroyed && key.created < since;
    });
    if (!over) return;
    const auto roll = foundation().rotation->roll(vault::Use::subject, since, "");
    if (!roll)
        log().error("the epoch of subject keys does not end", roll.error());
    else
        log().info("the epoch of subject keys ended", {{"rewrapped", roll->rewrap.subject_keys},
                                                       {"destroyed", roll->destroyed.size()},
                                                       {"complete", roll->rewrap.complete}});
}

// Once a day, and soon after the start.
run::Task<> Gateway::retention(std::stop_token stop) {
    for (const auto& [what, term] : retention_notes(catalogue_->config.retention))
        log().info("kept", {{"what", what}, {"for", term}});
    for (auto pause = kFirstRetention; co_await host_->timers.sleep_for(pause, stop); pause = kRetention) {
        co_await run::on(host_->pool, [this] {
            keep_requests();
            roll_epoch();
        });
        auto reports = co_await run::on(host_->pool, [this] { return sweep_retention(*this, false); });
        if (!reports) {
            log().error("retention", reports.error());
            continue;
        }
        for (const auto& report : *reports)
            if (report.due > 0)
                log().info("retention", {{"policy", report.policy},
                                         {"due", report.due},
                                         {"removed", report.removed},
                                         {"held", report.held},
                                         {"overdue", report.overdue()}});
    }
}

run::Task<std::vector<std::string>> Gateway::rest(Milliseconds longest) {
    stop_.request();
    co_return co_await stop_.drained(host_->timers, longest);
}

Result<api::Snapshot> Gateway::snapshot() {
    api::Snapshot snapshot;
    snapshot.now = foundation().clock.now();
    snapshot.health = foundation().store->health();
    snapshot.gateway = catalogue_->config.gateway.name;
    snapshot.version = kVersion;
    snapshot.refusals = host_->refusals.reasons();
    snapshot.lost_leases = host_->losses.counts();
    if (auto* running = host_->running.load()) running->add_to(snapshot);
    if (backups_) snapshot.backup = backups_->state();
    if (host_->ledger.kept()) snapshot.ledger = {host_->ledger.lines(), host_->ledger.failing()};
    for (const auto& worker : deliveries_) snapshot.breakers[worker->destination()] = worker->breaker_state();
    if (snapshot.health.poisoned || snapshot.health.away) return snapshot;
    CHECK_OK(foundation().store->read([&](store::ReadSession& session) -> Result<void> {
        TRY(snapshot.stats, session.counters().stats());
        TRY(snapshot.alerts, session.alerts().totals());
        TRY(snapshot.held_rows, session.overview().held_rows());
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

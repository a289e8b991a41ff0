#include "gateway/app/running_gateway.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include "gateway/app/config_fixed.hpp"
#include "gateway/app/gateway_watch.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/share.hpp"
#include "gateway/app/tell_act.hpp"
#include "gateway/app/version.hpp"
#include "gateway/base/text.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/run/signal.hpp"

namespace tributary::app {

using namespace std::chrono_literals;

namespace {

constexpr Milliseconds kDrain = 20s;
constexpr Milliseconds kLookAfter = 5s;

}  // namespace

RunningGateway::RunningGateway(std::shared_ptr<Gateway> first, LogLevel least)
    : host_(first->host().shared_from_this()), least_(least), current_(std::move(first)), certificates_(host_->log) {
    state_.since = host_->foundation->clock.now();
    host_->running = this;
}

RunningGateway::~RunningGateway() {
    if (webhook_server_) webhook_server_->stop(0ms);
    if (admin_server_) admin_server_->stop(0ms);
    host_->close();
    retired_.clear();
    current_.reset();
    host_->running = nullptr;
}

Result<void> RunningGateway::start() {
    auto& log = host_->log;
    host_->loop.start();
    stop_.watch_signals(host_->loop);
    hangup_ = std::make_unique<run::Signal>(host_->loop, SIGHUP);
    CHECK_OK(start_faces());
    const auto gateway = current();
    gateway->start_workers();
    stop_.spawn(host_->loop.executor(), "certificates", look_after(stop_.token()));
    stop_.spawn(host_->loop.executor(), "reload", reload_on_signal(stop_.token()));
    // A full store must not keep it from delivering what waits.
    if (auto told = write_act("gateway.start"); !told) log.error("the start is not in the audit trail", told.error());
    if (auto told = gateway->watch().tell_loaded(); !told)
        log.error("what was loaded is not in the audit trail", told.error());
    admin_->set_ready(true);
    log.info("gateway started", {{"name", gateway->catalogue().config.gateway.name},
                                 {"webhooks", webhook_server_->port()},
                                 {"admin", admin_server_->port()}});
    return {};
}

// What the gateway did by itself, in the audit trail.
Result<void> RunningGateway::write_act(std::string_view action) {
    const auto entry = flow::audit_entry(host_->foundation->clock, "system", current()->catalogue().config.gateway.name,
                                         action, {{"version", std::string(kVersion)}});
    return flow::write_entry(*host_->foundation->store, entry);
}

Result<void> RunningGateway::wait() {
    auto& log = host_->log;
    run::run_blocking(host_->loop, stop_.requested());
    log.info("stopping");
    admin_->set_ready(false);
    // Senders still come while the balancer does not know; all is served until then.
    const auto leave = current()->catalogue().config.listen.leave;
    std::ignore = run::run_blocking(host_->loop, host_->timers.sleep_for(leave, stop_.hard_token()));  // either way
    webhook_server_->stop(kDrain);
    // A reload that is on its way ends first, so the gateway that rests is the last one.
    auto left = run::run_blocking(host_->loop, stop_.drained(host_->timers, kDrain));
    for (const auto& part : run::run_blocking(host_->loop, current()->rest(kDrain))) left.push_back(part);
    for (const auto& part : left) log.warn("part did not end in time", {{"part", part}});
    admin_server_->stop(1s);
    host_->loop.stop();
    auto& store = *host_->foundation->store;
    if (auto told = host_->tally.flush(store, true); !told)
        log.error("refusals are not in the audit trail", told.error());
    if (auto told = write_act("gateway.stop"); !told) log.error("the stop is not in the audit trail", told.error());
    if (auto kept = host_->audit.keep(true); !kept) log.error("no audit checkpoint", kept.error());
    host_->close();
    std::error_code ignored;  // the next start replaces it
    std::filesystem::remove(admin_token_path(current()->catalogue().config), ignored);
    log.info("stopped");
    if (store.health().poisoned) return fail(Fault::internal, "the store failed: " + store.health().cause);
    return {};
}

// Renewed certificates are taken up; gateways that nobody uses any more go.
run::Task<> RunningGateway::look_after(std::stop_token stop) {
    while (co_await host_->timers.sleep_for(kLookAfter, stop)) {
        co_await run::on(host_->pool, [this] { certificates_.look(host_->foundation->clock.now()); });
        std::list<std::shared_ptr<Gateway>> gone;
        {
            const std::lock_guard lock(mutex_);
            for (auto at = retired_.begin(); at != retired_.end();) {
                const auto next = std::next(at);
                if (at->use_count() == 1 && (*at)->at_rest()) gone.splice(gone.end(), retired_, at);
                at = next;
            }
        }
        std::atomic_thread_fence(std::memory_order_acquire);  // use_count() by itself orders nothing
    }
}

run::Task<> RunningGateway::reload_on_signal(std::stop_token stop) {
    while (co_await hangup_->next(stop)) {
        // Its outcome is in the log and in the audit trail.
        std::ignore = co_await reload(access::local_operator());
    }
}

run::Task<Result<void>> RunningGateway::reload(access::Caller caller) {
    co_return co_await boost::asio::co_spawn(host_->loop.executor(), reload_here(std::move(caller)),
                                             boost::asio::use_awaitable);
}

run::Task<Result<void>> RunningGateway::reload_here(access::Caller caller) {
    const auto part = stop_.join("reload");
    if (stop_.token().stop_requested()) co_return fail(Fault::transient, "the gateway is stopping");
    if (reloading_.exchange(true)) co_return fail(Fault::conflict, "another reload is on its way: ask again after it");
    auto changed = co_await change(caller);
    reloading_ = false;
    auto& log = host_->log;
    if (!changed) {
        {
            const std::lock_guard lock(mutex_);
            ++state_.refused;
        }
        log.error("the new configuration is not taken up, the old one stays", changed.error());
    }
    co_return changed;
}

Result<std::shared_ptr<Gateway>> RunningGateway::build_next() {
    const auto before = current();
    const auto& file = before->catalogue().config.file;
    spec::Problems problems;
    const auto config = load_config(file, share_folder(), Environment(), problems);
    // What nothing names cannot be wrong for this gateway, and most files are not named.
    auto catalogue = config ? complete_catalogue(*config, Extent::named, problems) : nullptr;
    if (!catalogue) return fail(Fault::bad_config, problems.text(), file.string());
    if (const auto fixed = fixed_changes(before->catalogue().config, catalogue->config); !fixed.empty())
        return fail(Fault::bad_config,
                    "only a restart changes " + join(fixed, ", ") + ": restart, or leave as it was and reload again",
                    file.string());
    return Gateway::open(std::move(catalogue), host_, *before);
}

run::Task<Result<void>> RunningGateway::change(access::Caller caller) {
    auto& log = host_->log;
    auto before = current();
    auto next = co_await run::on(host_->pool, [this] { return build_next(); });
    // Told before it counts: no audit, no act.
    const flow::ActDetails details{{"outcome", next ? "taken up" : "refused"}};
    auto told = co_await tell_act(*before, caller, "config.reload", details);
    if (!next) co_return pass(std::move(next));
    if (told) {
        auto fresh = *next;
        told = co_await run::on(host_->pool, [&] { return fresh->watch().tell_loaded(); });
    }
    if (!told) co_return pass(std::move(told), "audit");
    {
        const std::lock_guard lock(mutex_);
        current_ = *next;
        retired_.push_back(before);
    }
    const auto& config = (*next)->catalogue().config;
    log.set_level(std::min(least_, config.log_level));
    // Both at once would push the same items under two leases' limits, so the old one ends first. What does not end in
    // time is still fenced by its leases.
    for (const auto& late : co_await before->rest(kDrain))
        log.warn("part of the old configuration did not end in time", {{"part", late}});
    (*next)->start_workers();
    {
        const std::lock_guard lock(mutex_);
        ++state_.loaded;
        state_.since = host_->foundation->clock.now();
    }
    log.info("configuration taken up",
             {{"connections", config.connections.size()}, {"deliveries", config.deliveries.size()}});
    co_return Result<void>{};
}

std::shared_ptr<Gateway> RunningGateway::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

void RunningGateway::add_to(api::Snapshot& snapshot) const {
    if (webhook_server_) snapshot.webhooks = webhook_server_->stats();
    snapshot.certificates = certificates_.expiries();
    const std::lock_guard lock(mutex_);
    snapshot.configuration = state_;
}

}  // namespace tributary::app

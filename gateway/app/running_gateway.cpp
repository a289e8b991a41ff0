#include "gateway/app/running_gateway.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include "gateway/app/gateway_watch.hpp"
#include "gateway/app/joint_reload.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/version.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/run/signal.hpp"

namespace tributary::app {

using namespace std::chrono_literals;

namespace {

constexpr Milliseconds kLookAfter = 5s;

}  // namespace

RunningGateway::RunningGateway(std::shared_ptr<Gateway> first, LogLevel least)
    : host_(first->host().shared_from_this()), least_(least), current_(std::move(first)), certificates_(host_->log) {
    state_.since = host_->foundation->clock.now();
    host_->running = this;
    if (host_->foundation->store->shared()) make_joint();
}

RunningGateway::~RunningGateway() {
    if (webhook_server_) webhook_server_->stop(0ms);
    if (admin_server_) admin_server_->stop(0ms);
    host_->close();
    joint_.reset();
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
    if (joint_) stop_.spawn(host_->loop.executor(), "other gateways", joint_->follow(stop_.token()));
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

std::shared_ptr<Gateway> RunningGateway::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

void RunningGateway::add_to(api::Snapshot& snapshot) const {
    if (webhook_server_) snapshot.webhooks = webhook_server_->stats();
    if (joint_) snapshot.nodes = joint_->figures();
    snapshot.certificates = certificates_.expiries();
    const std::lock_guard lock(mutex_);
    snapshot.configuration = state_;
}

}  // namespace tributary::app

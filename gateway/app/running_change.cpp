// From one configuration to the next.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gateway/app/config_fixed.hpp"
#include "gateway/app/gateway_watch.hpp"
#include "gateway/app/joint_reload.hpp"
#include "gateway/app/running_gateway.hpp"
#include "gateway/app/share.hpp"
#include "gateway/base/host_name.hpp"
#include "gateway/base/text.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/run/signal.hpp"

namespace tributary::app {

using namespace std::chrono_literals;

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

void RunningGateway::make_joint() {
    const auto& config = current()->catalogue().config;
    const auto& admin = config.listen.admin.address;
    const auto name = fmt::format("{} at {} {}:{}", config.gateway.name, host_name(), admin.host, admin.port);
    joint_ =
        std::make_unique<JointReload>(*host_,
                                      JointReload::Hands{[this] { return current(); }, [this] { return build_next(); },
                                                         [this](std::shared_ptr<Gateway> next, ReloadAsker asker) {
                                                             return take_up(std::move(next), std::move(asker));
                                                         }},
                                      name);
}

run::Task<Result<void>> RunningGateway::change(access::Caller caller) {
    ReloadAsker asker{std::string(caller.actor_type()), caller.actor()};
    auto next = co_await run::on(host_->pool, [this] { return build_next(); });
    Result<void> changed;
    if (!next)
        changed = pass(std::move(next));
    else if (joint_)
        changed = co_await joint_->change(std::move(*next), asker, stop_.token());
    else
        changed = co_await take_up(std::move(*next), asker);
    if (changed) co_return changed;
    // That it was refused is told too, as far as that can be.
    asker.details["outcome"] = "refused";
    auto told = co_await run::on(host_->pool, [&] { return tell_reload(asker); });
    if (!told) host_->log.error("a refused configuration is not in the audit trail", told.error());
    co_return changed;
}

Result<void> RunningGateway::tell_reload(const ReloadAsker& asker) {
    const auto entry =
        flow::audit_entry(host_->foundation->clock, asker.actor_type, asker.actor, "config.reload", asker.details);
    return flow::write_entry(*host_->foundation->store, entry);
}

run::Task<Result<void>> RunningGateway::take_up(std::shared_ptr<Gateway> next, ReloadAsker asker) {
    auto& log = host_->log;
    auto before = current();
    asker.details["outcome"] = "taken up";
    // Told before it counts: no audit, no act.
    auto told = co_await run::on(host_->pool, [&]() -> Result<void> {
        CHECK_OK(tell_reload(asker));
        return next->watch().tell_loaded();
    });
    if (!told) co_return pass(std::move(told), "audit");
    {
        const std::lock_guard lock(mutex_);
        current_ = next;
        retired_.push_back(before);
    }
    const auto& config = next->catalogue().config;
    log.set_level(std::min(least_, config.log_level));
    // Both at once would push the same items under two leases' limits, so the old one ends first.
    for (const auto& late : co_await before->rest(kDrain))
        log.warn("part of the old configuration did not end in time", {{"part", late}});
    next->start_workers();
    {
        const std::lock_guard lock(mutex_);
        ++state_.loaded;
        state_.since = host_->foundation->clock.now();
    }
    log.info("configuration taken up",
             {{"connections", config.connections.size()}, {"deliveries", config.deliveries.size()}});
    co_return Result<void>{};
}

}  // namespace tributary::app

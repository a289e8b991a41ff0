// The witnesses of the audit trail, wired.
#include "gateway/app/gateway.hpp"
#include "gateway/app/gateway_watch.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {

void Gateway::build_witnesses() {
    const auto& config = catalogue_->config.audit;
    std::vector<flow::WitnessRoute> routes;
    for (const auto& one : config.witnesses)
        routes.push_back(
            {audit::NoteKey::parse(one.key, audit::NoteKind::cosignature).value(), one.url, one.options()});
    const auto quorum = config.quorum > 0 ? config.quorum : routes.size();
    witnesses_ = std::make_unique<flow::WitnessRounds>(*world_, host_->audit, host_->http, std::move(routes), quorum);
}

// A witness that knows another trail under our name is a failed check of ours, which raises an alert.
run::Task<> Gateway::ask_witnesses(std::stop_token stop) {
    if (witnesses_->routes().empty()) co_return;
    do {
        for (const auto& route : witnesses_->routes()) {
            if (route.url.empty()) continue;
            const auto asked = co_await witnesses_->ask(route);
            if (asked) continue;
            log().error("a witness did not sign", asked.error(), {{"witness", route.key.name()}});
            if (asked.error().fault != Fault::refused) continue;
            const auto kept = co_await run::on(host_->pool, [this] {
                return foundation().store->write(
                    [&](store::Session& session) { return note_check(session, false, foundation().clock.now()); });
            });
            if (!kept) log().error("no alert can be raised", kept.error());
        }
    } while (co_await host_->timers.sleep_for(catalogue_->config.audit.ask_every, stop));
}

}  // namespace tributary::app

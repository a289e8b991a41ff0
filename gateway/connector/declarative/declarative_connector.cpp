#include "gateway/connector/declarative/declarative_connector.hpp"

namespace tributary::connector {

DeclarativeConnector::DeclarativeConnector(std::shared_ptr<const Definition> definition, Setup setup,
                                           std::shared_ptr<run::RateGate> gate)
    : definition_(std::move(definition)),
      exchange_(*definition_, std::move(setup), std::move(gate)),
      source_(*definition_, exchange_),
      sink_(*definition_, exchange_) {
    if (definition_->webhooks && definition_->webhooks->subscriptions)
        subscriptions_ = std::make_unique<RestSubscriptions>(*definition_, exchange_);
    if (definition_->webhooks)
        hook_ = std::make_unique<DeclarativeHook>(*definition_, exchange_.setup().settings.root(),
                                                  exchange_.setup().credential, exchange_.setup().random, &keyring_);
}

Result<std::unique_ptr<Connector>> DeclarativeConnector::make(std::shared_ptr<const Definition> definition, Setup setup,
                                                              std::shared_ptr<run::RateGate> gate) {
    std::unique_ptr<DeclarativeConnector> out(
        new DeclarativeConnector(std::move(definition), std::move(setup), std::move(gate)));
    CHECK_OK(out->exchange_.prepare());
    if (out->exchange_.granted()) out->login_ = std::make_unique<DeclarativeLogin>(out->exchange_);
    return out;
}

run::Task<Result<void>> DeclarativeConnector::check() {
    // A system that only sends has no address to prove.
    if (!definition_->check) co_return Result<void>{};
    auto answer = co_await exchange_.call(*definition_->check, exchange_.scope(), {.resend_safe = true});
    if (!answer) co_return fail(std::move(answer.error().error));
    co_return Result<void>{};
}

}  // namespace tributary::connector

// DeclarativeConnector: a connection whose connector is a definition, with the roles that the definition has.
#pragma once

#include <memory>

#include "gateway/connector/declarative/declarative_login.hpp"
#include "gateway/connector/declarative/hook.hpp"
#include "gateway/connector/declarative/key_fetch.hpp"
#include "gateway/connector/declarative/rest_sink.hpp"
#include "gateway/connector/declarative/rest_source.hpp"
#include "gateway/connector/declarative/rest_subscriptions.hpp"

namespace tributary::connector {

class DeclarativeConnector final : public Connector, public Capable {
  public:
    // Fault::bad_config when the settings give no usable address. `definition` is shared with the other connections of
    // the same connector.
    static Result<std::unique_ptr<Connector>> make(std::shared_ptr<const Definition> definition, Setup setup,
                                                   std::shared_ptr<run::RateGate> gate);

    Source* source() override { return definition_->streams.empty() ? nullptr : &source_; }
    Sink* sink() override { return definition_->actions.empty() ? nullptr : &sink_; }
    const Hook* hook() const override { return hook_.get(); }
    HookKeys* hook_keys() override { return hook_ ? &key_fetch_ : nullptr; }
    Subscriptions* subscriptions() override { return subscriptions_.get(); }
    Login* login() override { return login_.get(); }
    const Capabilities& capabilities() const override { return definition_->capabilities; }
    run::Task<Result<void>> check() override;

  private:
    DeclarativeConnector(std::shared_ptr<const Definition> definition, Setup setup,
                         std::shared_ptr<run::RateGate> gate);
    std::shared_ptr<const Definition> definition_;
    Exchange exchange_;
    RestSource source_;
    RestSink sink_;
    Keyring keyring_;
    KeyFetch key_fetch_{exchange_, keyring_};
    std::unique_ptr<DeclarativeHook> hook_;
    std::unique_ptr<RestSubscriptions> subscriptions_;
    std::unique_ptr<DeclarativeLogin> login_;
};

}  // namespace tributary::connector

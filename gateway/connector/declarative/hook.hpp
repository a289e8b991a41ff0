// DeclarativeHook: a connector's webhooks as its file describes them. No I/O; safe from several threads, since the
// request, and a Keyring that is, are all it works on.
#pragma once

#include "gateway/connector/connector.hpp"
#include "gateway/connector/declarative/definition.hpp"
#include "gateway/connector/declarative/keyring.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connector {

class DeclarativeHook final : public Hook {
  public:
    // REQUIRES: definition.webhooks. It, the settings, `random` and the keyring outlive the hook; without a keyring no
    // token can be judged.
    DeclarativeHook(const Definition& definition, value::Node settings, CredentialReader credential,
                    crypto::Random& random, Keyring* keyring = nullptr)
        : definition_(definition),
          rules_(*definition.webhooks),
          settings_(settings),
          credential_(std::move(credential)),
          random_(random),
          keyring_(keyring) {}

    std::optional<Result<InboundAnswer>> challenge(const InboundRequest& request, Timestamp now) const override;
    Result<void> verify(const InboundRequest& request, Timestamp now) const override;
    Result<InboundRequest> open(InboundRequest request) const override;
    Result<std::string> delivery_id(const InboundRequest& request) const override;
    Result<std::string> topic(const InboundRequest& request) const override;
    Result<std::vector<InboundEvent>> decode(const std::string& topic, const std::string& body) const override;
    Result<InboundAnswer> accepted(Timestamp now) const override;

  private:
    KeyFinder key_finder(Timestamp now) const;
    Result<std::vector<TopicRule>> rules_for(const std::string& topic) const;
    Result<void> add_events(const std::string& topic, value::Node body, std::vector<InboundEvent>& out) const;
    Result<void> add_event(const TopicRule& rule, const std::string& topic, value::Node record,
                           std::vector<InboundEvent>& out) const;

    const Definition& definition_;
    const Webhooks& rules_;
    value::Node settings_;
    CredentialReader credential_;
    crypto::Random& random_;
    Keyring* keyring_;
};

}  // namespace tributary::connector

// RestSubscriptions: settles the subscriptions of a definition.
#pragma once

#include "gateway/connector/declarative/exchange.hpp"
#include "gateway/connector/subscriptions.hpp"

namespace tributary::connector {

class RestSubscriptions final : public Subscriptions {
  public:
    // Both outlive it. REQUIRES: the definition's webhooks have a subscription rule.
    RestSubscriptions(const Definition& definition, Exchange& exchange)
        : webhooks_(*definition.webhooks), rule_(*definition.webhooks->subscriptions), exchange_(exchange) {}

    run::Task<Result<std::vector<Subscription>>> list(std::string url) override;
    run::Task<Result<SubscriptionChanges>> settle(std::string url, std::vector<std::string> topics) override;
    run::Task<Result<std::size_t>> remove_all(std::string url) override;

  private:
    run::Task<Result<void>> ask(const RequestTemplate& request, std::string url, const Subscription& about);
    run::Task<Result<void>> make(std::string url, std::string topic, const std::vector<std::string>& all);
    // `anew`: the old one is of no use, and not kept alive.
    run::Task<Result<void>> renew(std::string url, const Subscription& old, const std::vector<std::string>& all,
                                  bool anew);
    // What `keep` of the rule names, out of create's answer.
    run::Task<Result<void>> keep(const Answer& answer, const Scope& scope);
    bool needs_renewal(const Subscription& one) const;
    // Whether one that holds all topics holds these.
    bool same_topics(const Subscription& one, std::vector<std::string> wanted) const;
    Result<bool> lacks_secret() const;

    const Webhooks& webhooks_;
    const SubscriptionRule& rule_;
    Exchange& exchange_;
    bool made_ = false;  // by this process, where it cannot be listed
};

}  // namespace tributary::connector

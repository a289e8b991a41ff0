// RestSink: pushes records through the actions of a definition, step by step or in batches.
#pragma once

#include "gateway/connector/connector.hpp"
#include "gateway/connector/declarative/exchange.hpp"

namespace tributary::connector {

class RestSink final : public Sink {
  public:
    // Both outlive it.
    RestSink(const Definition& definition, Exchange& exchange) : definition_(definition), exchange_(exchange) {}

    Idempotency idempotency(const std::string& action) const override;
    std::size_t batch_limit(const std::string& action) const override;
    run::Task<std::vector<Outcome>> push(std::string action, std::vector<Push> items) override;
    run::Task<Result<std::optional<Receipt>>> look_up(std::string action, const Push& item) override;

  private:
    struct Taken {
        std::optional<std::string> remote_id;
        bool already_applied = false;
    };
    using Steps = std::expected<Taken, Exchange::Failure>;
    run::Task<Steps> take_steps(const ActionRule& action, const StepList& list, const Push& item,
                                const LookUpRule* look_up = nullptr);
    run::Task<std::vector<Outcome>> push_batch(const ActionRule& action, std::vector<Push> items);
    run::Task<Outcome> push_one(const ActionRule& action, const Push& item);
    Scope scope_of(const Push& item) const;
    void shape(const ActionRule& action, const Push& item, Exchange::Options& options) const;

    const Definition& definition_;
    Exchange& exchange_;
};

}  // namespace tributary::connector

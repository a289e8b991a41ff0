// SingerSink: one run of the target for each push: its SCHEMA, the records, a STATE, the end of its input. The receipt
// is that it printed the state and ended well.
//
// At least once: a target that fails may have written some of the records, so a push that failed is ambiguous. With
// key_properties a target that honours them makes the resend harmless; without, nobody can tell what arrived.
#pragma once

#include "connectors/data/singer/singer_settings.hpp"
#include "gateway/connector/connector.hpp"

namespace tributary::connectors::singer {

class SingerSink final : public connector::Sink {
  public:
    // REQUIRES: everything referred to outlives this; settings.target is there.
    SingerSink(const SingerSettings& settings, const connector::Setup& setup) : settings_(settings), setup_(setup) {}

    connector::Idempotency idempotency(const std::string& action) const override;
    std::size_t batch_limit(const std::string& action) const override;
    run::Task<std::vector<Outcome>> push(std::string action, std::vector<connector::Push> items) override;
    run::Task<Result<std::optional<connector::Receipt>>> look_up(std::string action,
                                                                 const connector::Push& item) override;
    // The target starts, takes an empty input and ends well.
    run::Task<Result<void>> check();

  private:
    struct Failure {
        Error error;
        bool ambiguous;  // records had been sent
    };
    using Sent = std::optional<Failure>;
    run::Task<Sent> run_target(const Action* action, const connector::Push* items, std::size_t count);

    const SingerSettings& settings_;
    const connector::Setup& setup_;
};

}  // namespace tributary::connectors::singer

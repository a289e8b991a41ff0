// PropagationWorker: tells destinations what they still have to be told about a person, through the action that their
// connector declares for it (capabilities). What no connector declares is left to an operator as `unsupported`; nothing
// is ever counted as done that nobody did.
//
// A withdrawal is asked about once more before it is told: who said yes again in the meantime is not unsubscribed. One
// worker for all destinations, on the connectors' executor.
#pragma once

#include <atomic>
#include <optional>
#include <stop_token>

#include "gateway/connector/capabilities.hpp"
#include "gateway/connector/connector.hpp"
#include "gateway/flow/reach.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/run/backoff.hpp"
#include "gateway/run/task.hpp"
#include "gateway/store/propagation.hpp"

namespace tributary::flow {

// A task that is not done so long after it was due is an alert.
constexpr Milliseconds kOverdueAfter = std::chrono::hours(24);

class PropagationWorker {
  public:
    explicit PropagationWorker(World& world) : world_(world) {}

    run::Task<> run(std::stop_token stop);
    // One claim and all that follows from it. How many tasks it took.
    run::Task<Result<std::size_t>> round(std::stop_token stop = {});

  private:
    run::Task<store::TaskOutcome> tell(store::PropagationTask task);
    run::Task<Result<void>> push(const Connection& connection, const connector::Capability& how,
                                 const store::PropagationTask& task);
    Result<std::vector<store::PropagationTask>> claim();
    Result<void> settle(const store::PropagationTask& task, const store::TaskOutcome& outcome);
    store::TaskOutcome after_failure(const store::PropagationTask& task, const Error& error);
    Result<bool> agreed_again(const store::PropagationTask& task);
    void alert();

    World& world_;
    run::Backoff backoff_;
    std::optional<SteadyTime> alerted_;
};

}  // namespace tributary::flow

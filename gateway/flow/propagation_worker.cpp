#include "gateway/flow/propagation_worker.hpp"

#include <fmt/format.h>

#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/consent_gate.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/flow/propagation_push.hpp"
#include "gateway/flow/uniform.hpp"
#include "gateway/flow/withdrawal.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;
using store::TaskState;

namespace {

constexpr Milliseconds kTaskPoll = 1s;
constexpr Milliseconds kTaskLease = 10min;
constexpr Milliseconds kPausedDestination = 1min;
constexpr Milliseconds kAlertAgain = 1h;
constexpr std::size_t kTasks = 8;

store::TaskOutcome outcome_of(const store::PropagationTask& task, TaskState state, std::string error, Timestamp at) {
    return {task.id, task.attempts, state, std::move(error), at, std::nullopt};
}

std::string_view act_of(TaskState state) {
    switch (state) {
        case TaskState::pending:
            return "propagation.retry";
        case TaskState::sent:
            return "propagation.sent";
        case TaskState::confirmed:
            return "propagation.confirm";
        case TaskState::unsupported:
            return "propagation.unsupported";
        case TaskState::failed:
            return "propagation.fail";
    }
    return "propagation.fail";
}

}  // namespace

run::Task<> PropagationWorker::run(std::stop_token stop) {
    while (co_await world_.timers.sleep_for(kTaskPoll, stop)) {
        auto taken = co_await round(stop);
        if (!taken) world_.log.error("propagation round", taken.error());
        co_await run::on(world_.pool, [this] { alert(); });
    }
}

Result<std::vector<store::PropagationTask>> PropagationWorker::claim() {
    std::vector<store::PropagationTask> tasks;
    std::optional<Timestamp> due;
    auto now = world_.clock.now();
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(due, session.propagation().next_due());
        return {};
    }));
    if (!due || *due > now) return tasks;
    CHECK_OK(world_.store.write([&](store::Session& session) -> Result<void> {
        TRY(tasks, session.propagation().claim(kTasks, now, kTaskLease));
        return {};
    }));
    return tasks;
}

run::Task<Result<std::size_t>> PropagationWorker::round(std::stop_token stop) {
    auto tasks = co_await run::on(world_.pool, [this] { return claim(); });
    if (!tasks) co_return pass(std::move(tasks));
    std::size_t told = 0;
    for (const auto& task : *tasks) {
        if (stop.stop_requested()) break;  // the rest comes back when its lease ends
        auto outcome = co_await tell(task);
        auto settled = co_await run::on(world_.pool, [&] { return settle(task, outcome); });
        if (!settled && settled.error().fault != Fault::conflict) co_return pass(std::move(settled));
        ++told;
    }
    co_return told;
}

run::Task<store::TaskOutcome> PropagationWorker::tell(store::PropagationTask task) {
    auto now = world_.clock.now();
    const auto* connection = world_.connection(task.task.destination);
    if (!connection) co_return outcome_of(task, TaskState::unsupported, "this connection is no longer configured", now);
    if (connection->paused) {
        auto outcome = outcome_of(task, TaskState::pending, "the connection is paused", now);
        outcome.next_run_at = now + kPausedDestination;
        co_return outcome;
    }
    if (task.task.kind == store::TaskKind::withdraw) {
        auto again = co_await run::on(world_.pool, [&] { return agreed_again(task); });
        if (!again) co_return after_failure(task, again.error());
        if (*again)
            co_return outcome_of(task, TaskState::confirmed, "needless: this use is allowed again, nothing was told",
                                 now);
    }
    const auto* can = connector::capabilities_of(*connection->connector);
    const auto* how = can && connection->connector->sink()
                          ? capability_for(*can, task.task.kind, world_.purposes.find(task.task.purpose))
                          : nullptr;
    if (!how)
        co_return outcome_of(task, TaskState::unsupported,
                             fmt::format("connector {} declares no action for it", connection->connector_name), now);
    auto pushed = co_await push(*connection, *how, task);
    if (!pushed) co_return after_failure(task, pushed.error());
    co_return outcome_of(task, TaskState::confirmed, "", world_.clock.now());
}

run::Task<Result<void>> PropagationWorker::push(const Connection& connection, const connector::Capability& how,
                                                const store::PropagationTask& task) {
    CO_TRY(auto reach, open_reach(world_, task.task.request, task.task.destination, task.task.sealed));
    CO_TRY(auto pushes, pushes_of(how, task, reach));
    for (auto& one : pushes) {
        std::vector<connector::Push> single;
        single.push_back(std::move(one));
        auto outcomes = co_await connection.connector->sink()->push(how.action, std::move(single));
        if (outcomes.empty()) co_return fail(Fault::internal, "the connector gave no outcome");
        auto& result = outcomes.front().result;
        if (!result) co_return pass(std::move(result));
    }
    co_return Result<void>{};
}

store::TaskOutcome PropagationWorker::after_failure(const store::PropagationTask& task, const Error& error) {
    auto now = world_.clock.now();
    auto outcome = outcome_of(task, TaskState::failed, error.text(), now);
    if (error.fault == Fault::bad_input || error.fault == Fault::refused || error.fault == Fault::not_found)
        return outcome;
    auto wait =
        run::next_delay(backoff_, task.attempts, task.task.created_at, now, uniform(world_.random), error.retry_after);
    if (!wait) return outcome;
    outcome.state = TaskState::pending;
    outcome.next_run_at = now + *wait;
    return outcome;
}

Result<bool> PropagationWorker::agreed_again(const store::PropagationTask& task) {
    if (task.task.customer.is_nil()) return false;
    Uid customer;
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto survivors, session.identity().resolve(std::span(&task.task.customer, 1)));
        customer = survivors.front();
        return {};
    }));
    auto whole = load_customer(world_, customer);
    if (!whole && whole.error().fault == Fault::not_found) return false;
    if (!whole) return pass(std::move(whole));
    Delivery use;
    use.purpose = task.task.purpose;
    auto facts = ConsentFacts::load(world_, whole->subjects);
    return facts.decide(world_, use, whole->subjects, {whole->golden.root()}).allowed();
}

Result<void> PropagationWorker::settle(const store::PropagationTask& task, const store::TaskOutcome& outcome) {
    if (outcome.state == TaskState::unsupported || outcome.state == TaskState::failed)
        world_.log.warn("a destination has to be told by hand, see `tributary consent tasks`",
                        {{"destination", task.task.destination},
                         {"task", task.id},
                         {"kind", store::name_of(task.task.kind)},
                         {"error", outcome.error}});
    return world_.store.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.propagation().settle(outcome));
        if (outcome.state == TaskState::pending) return {};
        auto entry = audit_entry(world_.clock, "connector", task.task.destination, act_of(outcome.state),
                                 {{"task", std::to_string(task.id)},
                                  {"request", task.task.request.text()},
                                  {"kind", std::string(store::name_of(task.task.kind))}});
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    });
}

// Said once an hour while it lasts.
void PropagationWorker::alert() {
    auto steady = world_.timers.clock().steady();
    if (alerted_ && steady - *alerted_ < kAlertAgain) return;
    std::uint64_t overdue = 0;
    auto read = world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(overdue, session.propagation().overdue(world_.clock.now() - kOverdueAfter + kToldWithin));
        return {};
    });
    if (!read || overdue == 0) return;
    alerted_ = steady;
    world_.log.error("destinations have not been told for a day, see `tributary consent tasks --overdue`",
                     {{"tasks", overdue}});
}

}  // namespace tributary::flow

#include "gateway/connector/declarative/rest_sink.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tributary::connector {
namespace {

// Which names have a value, for `when`. An empty text is none.
Result<bool> applies(const StepWhen& when, const Scope& scope) {
    const auto has = [&](const std::string& name) -> Result<bool> {
        TRY(const auto found, scope.find(name));
        return found.text ? !found.text->empty() : static_cast<bool>(found.node) && !found.node.scalar_text().empty();
    };
    for (const auto& name : when.present) {
        TRY(const bool there, has(name));
        if (!there) return false;
    }
    for (const auto& name : when.missing) {
        TRY(const bool there, has(name));
        if (there) return false;
    }
    return true;
}

// The saved values of the steps so far. JSON keeps its type, so lists and objects can be saved too.
class Saved {
  public:
    Saved() { rebuild(); }
    Result<void> take(const Step& step, const Answer& answer, const Scope& scope) {
        for (const auto& [name, where] : step.save) {
            value::Builder out;
            if (!where.body.empty()) {
                const auto node = find_in(answer.root(), where.body);
                if (!node) continue;
                out.copy(node);
            } else {
                TRY(const auto text, where.read(answer, scope));
                if (!text) continue;
                out.text(*text);
            }
            values_.insert_or_assign(name, out.take());
        }
        rebuild();
        return {};
    }
    value::Node root() const { return all_.root(); }

  private:
    void rebuild() {
        value::Builder out;
        out.begin_object();
        for (const auto& [name, document] : values_) out.key(name).copy(document.root());
        out.end();
        all_ = out.take();
    }
    std::map<std::string, value::Document> values_;
    value::Document all_;
};

Sink::Outcome failed(Error error, bool ambiguous = false) {
    return {std::unexpected(std::move(error)), ambiguous};
}

}  // namespace

Idempotency RestSink::idempotency(const std::string& name) const {
    const auto* action = definition_.action(name);
    return action ? action->idempotency : Idempotency::none;
}

std::size_t RestSink::batch_limit(const std::string& name) const {
    const auto* action = definition_.action(name);
    return action && action->batch ? action->batch->size : 1;
}

Scope RestSink::scope_of(const Push& item) const {
    auto scope = exchange_.scope();
    scope.bind("record", item.record.root());
    scope.bind("idempotency_key", item.idempotency_key);
    if (item.remote_id) scope.bind("remote_id", *item.remote_id);
    return scope;
}

void RestSink::shape(const ActionRule& action, const Push& item, Exchange::Options& options) const {
    options.resend_safe = action.idempotency != Idempotency::none;
    options.hold = item.hold;
    options.look_again = item.look_again;
    if (!action.idempotency_header.empty())
        options.shape = [&action, &item](Draft& draft) {
            draft.set_header(action.idempotency_header, item.idempotency_key);
        };
}

run::Task<RestSink::Steps> RestSink::take_steps(const ActionRule& action, const StepList& list, const Push& item,
                                                const LookUpRule* look_up) {
    auto scope = scope_of(item);
    Saved saved;
    Taken taken;
    Answer last;
    for (const auto& step : list.steps) {
        scope.bind("saved", saved.root());
        const auto wanted = applies(step.when, scope);
        if (!wanted) co_return std::unexpected(Exchange::Failure{wanted.error()});
        if (!*wanted) continue;
        Exchange::Options options{.rules = &step.errors};
        if (action.already_applied) options.fine = &*action.already_applied;
        shape(action, item, options);
        auto answer = co_await exchange_.call(step.request, scope, options);
        if (!answer) {
            auto failure = std::move(answer).error();
            if (list.steps.size() > 1) failure.error = std::move(failure.error).in(step.name);
            co_return std::unexpected(std::move(failure));
        }
        taken.already_applied = taken.already_applied || (options.fine && options.fine->holds(*answer));
        auto with_found = scope;
        if (!step.candidates.results.empty()) {
            const auto found = step.candidates.find(*answer, scope);
            if (!found) co_return std::unexpected(Exchange::Failure{found.error()});
            with_found.bind("found", *found);
        }
        const auto kept = saved.take(step, *answer, with_found);
        if (!kept) co_return std::unexpected(Exchange::Failure{kept.error()});
        last = *std::move(answer);
    }
    scope.bind("saved", saved.root()).bind("answer", last.root());
    if (look_up && !look_up->candidates.results.empty()) {
        const auto found = look_up->candidates.find(last, scope);
        if (!found) co_return std::unexpected(Exchange::Failure{found.error()});
        if (!*found) co_return Taken{};
        scope.bind("found", *found);
    }
    taken.remote_id = item.remote_id;
    if (!list.remote_id.empty()) {
        // The write was done: a missing id is no reason to do it again.
        auto id = list.remote_id.render(scope);
        if (id && *id && !(*id)->empty()) taken.remote_id = **std::move(id);
    }
    co_return taken;
}

run::Task<Sink::Outcome> RestSink::push_one(const ActionRule& action, const Push& item) {
    if (item.deleted && !action.remove)
        co_return failed({Fault::refused, "this action does not delete records over there; it has no `remove`"});
    const auto& list = item.deleted ? *action.remove : action.push;
    auto taken = co_await take_steps(action, list, item);
    if (!taken) {
        auto failure = std::move(taken).error();
        // What is gone already needs no second deletion.
        if (item.deleted && failure.error.fault == Fault::not_found) co_return Outcome{Receipt{item.remote_id, true}};
        co_return failed(std::move(failure.error), failure.ambiguous);
    }
    co_return Outcome{Receipt{std::move(taken->remote_id), taken->already_applied}};
}

run::Task<std::vector<Sink::Outcome>> RestSink::push_batch(const ActionRule& action, std::vector<Push> items) {
    value::Builder records, all;
    records.begin_array();
    all.begin_array();
    for (const auto& item : items) {
        records.copy(item.record.root());
        all.begin_object().key("record").copy(item.record.root()).key("idempotency_key").text(item.idempotency_key);
        if (item.remote_id) all.key("remote_id").text(*item.remote_id);
        all.end();
    }
    const auto record_list = records.end().take(), item_list = all.end().take();
    auto scope = scope_of(items.front());
    scope.bind("records", record_list.root()).bind("items", item_list.root());
    const auto& step = action.push.steps.front();
    Exchange::Options options{.rules = &step.errors};
    shape(action, items.front(), options);
    auto answer = co_await exchange_.call(step.request, scope, options);
    if (!answer) co_return all_failed(items.size(), answer.error().error, answer.error().ambiguous);
    auto outcomes = action.batch->read(*answer, items, item_list.root());
    if (!outcomes) co_return all_failed(items.size(), outcomes.error(), true);
    co_return *std::move(outcomes);
}

run::Task<std::vector<Sink::Outcome>> RestSink::push(std::string name, std::vector<Push> items) {
    const auto* action = definition_.action(name);
    if (!action) co_return all_failed(items.size(), {Fault::bad_config, fmt::format("there is no action '{}'", name)});
    const bool any_deleted = std::ranges::any_of(items, &Push::deleted);
    if (action->batch && !any_deleted && !items.empty()) co_return co_await push_batch(*action, std::move(items));
    // Of several that go by themselves some are gone when one of them has to wait: their hold alone says how long.
    if (items.size() > 1)
        for (auto& item : items) item.look_again = nullptr;
    std::vector<Outcome> out;
    for (const auto& item : items) out.push_back(co_await push_one(*action, item));
    co_return out;
}

run::Task<Result<std::optional<Receipt>>> RestSink::look_up(std::string name, const Push& item) {
    const auto* action = definition_.action(name);
    if (!action || !action->look_up)
        co_return fail(Fault::bad_config,
                       fmt::format("action '{}' has no `look_up`: whether the record arrived cannot be told", name));
    Push fresh{item.idempotency_key, item.record, std::nullopt, item.deleted};
    auto taken = co_await take_steps(*action, action->look_up->search, fresh, &*action->look_up);
    if (!taken) {
        if (taken.error().error.fault == Fault::not_found) co_return std::nullopt;
        co_return fail(std::move(taken).error().error);
    }
    if (!taken->remote_id) co_return std::nullopt;
    co_return Receipt{std::move(taken->remote_id), true};
}

}  // namespace tributary::connector

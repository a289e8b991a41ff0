// What destinations still have to be told: looking at the tasks, closing by hand, trying again.
#include <functional>

#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

constexpr std::size_t kPage = 200;

void write_task(value::Builder& out, const store::PropagationTask& one, Timestamp now) {
    const auto& task = one.task;
    auto time = [&](std::string_view name, const std::optional<Timestamp>& at) {
        if (at) out.key(name).text(record::timestamp_text(*at));
    };
    out.begin_object().key("id").integer(one.id).key("request").text(task.request.text());
    out.key("kind").text(store::name_of(task.kind)).key("state").text(store::name_of(one.state));
    out.key("destination").text(task.destination).key("external_id").text(task.external_id);
    if (!task.purpose.empty()) out.key("purpose").text(task.purpose);
    if (!task.customer.is_nil()) out.key("customer").text(task.customer.text());
    out.key("attempts").integer(one.attempts);
    if (!one.last_error.empty()) out.key("cause").text(one.last_error);
    if (!one.note.empty()) out.key("note").text(one.note);
    time("created_at", task.created_at);
    time("due_at", task.due_at);
    time("settled_at", one.settled_at);
    out.key("overdue").boolean(one.open() && task.due_at < now).end();
}

template <class E>
Result<std::optional<E>> name_argument(value::Node arguments, std::string_view name,
                                       std::optional<E> (*named)(std::string_view), std::string_view known) {
    TRY(auto text, text_argument(arguments, name));
    if (!text) return std::nullopt;
    auto value = named(*text);
    if (!value) return fail(Fault::bad_input, "is none of " + std::string(known), "argument " + std::string(name));
    return value;
}

run::Task<Answer> tasks(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        store::PropagationFilter filter;
        TRY(filter.state, name_argument(arguments, "state", store::task_state_named,
                                        "pending, sent, confirmed, unsupported, failed"));
        TRY(filter.kind,
            name_argument(arguments, "kind", store::task_kind_named, "withdraw, erase, rectify, restrict"));
        TRY(filter.destination, text_argument(arguments, "destination"));
        TRY(filter.request, uid_argument(arguments, "request"));
        auto now = gateway.world().clock.now();
        TRY(bool overdue, flag_argument(arguments, "overdue"));
        if (overdue) filter.overdue_at = now;
        TRY(auto from, integer_argument(arguments, "after"));
        TRY(const auto limit, integer_argument(arguments, "limit"));
        const auto most = static_cast<std::size_t>(limit.value_or(kPage));
        auto after = from.value_or(0);
        std::size_t shown = 0;
        value::Builder out;
        out.begin_object().key("tasks").begin_array();
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            // Those that are done are many, and asked for by name alone.
            while (shown < most) {
                TRY(auto page, session.propagation().list(filter, after, kPage));
                for (const auto& one : page) {
                    after = one.id;
                    if (!filter.state && !one.open()) continue;
                    write_task(out, one, now);
                    if (++shown == most) break;
                }
                if (page.size() < kPage) break;
            }
            return {};
        }));
        out.end();
        if (shown == most && most > 0) out.key("next").integer(after);
        return out.end().take();
    });
}

// The act and its entry in the audit trail, or neither.
Answer act(Gateway& gateway, const access::Caller& caller, std::int64_t id, std::string_view action,
           const std::string& note, const std::function<Result<void>(store::Session&, Timestamp)>& change) {
    auto& world = gateway.world();
    auto now = world.clock.now();
    CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(change(session, now));
        auto entry = flow::audit_entry(world.clock, caller, action, {{"task", std::to_string(id)}, {"note", note}});
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    }));
    value::Builder out;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto found, session.propagation().get(id));
        if (found) write_task(out, *found, now);
        return {};
    }));
    return out.take();
}

Result<std::int64_t> task_number(value::Node arguments) {
    TRY(auto id, integer_argument(arguments, "id"));
    if (!id) return fail(Fault::bad_input, "is missing: the number of a task", "argument id");
    return *id;
}

run::Task<Answer> task_done(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(auto id, task_number(arguments));
        TRY(auto note, needed_text(arguments, "note"));
        return act(gateway, caller, id, "propagation.done", note,
                   [&](store::Session& session, Timestamp now) { return session.propagation().close(id, note, now); });
    });
}

run::Task<Answer> task_retry(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(auto id, task_number(arguments));
        return act(gateway, caller, id, "propagation.retry", "",
                   [&](store::Session& session, Timestamp now) -> Result<void> {
                       TRY(bool reopened, session.propagation().reopen(id, now));
                       if (!reopened)
                           return fail(Fault::not_found, "there is no failed or unsupported task of this number",
                                       "argument id");
                       return {};
                   });
    });
}

}  // namespace

std::vector<NamedOperation> propagation_operations() {
    using api::field::anything, api::field::flag, api::field::integer, api::field::list, api::field::one_of,
        api::field::text, api::field::time, api::field::uid;
    using enum access::Permission;
    const api::Fields task{integer("id"),
                           uid("request"),
                           one_of("kind", api::names_to(store::TaskKind::restrict)),
                           one_of("state", api::names_to(store::TaskState::failed)),
                           text("destination"),
                           text("external_id"),
                           text("purpose"),
                           uid("customer"),
                           integer("attempts"),
                           text("cause"),
                           text("note"),
                           time("created_at"),
                           time("due_at"),
                           time("settled_at"),
                           flag("overdue")};
    return {{"consent.tasks",
             consent_read,
             tasks,
             {text("state"), text("kind"), text("destination"), text("request"), flag("overdue"), integer("after"),
              integer("limit")},
             {list("tasks", task), anything("next")}},
            {"consent.task_done", consent_write, task_done, {integer("id").needed(), text("note").needed()}, task},
            {"consent.task_retry", consent_write, task_retry, {integer("id").needed()}, task}};
}

}  // namespace tributary::app

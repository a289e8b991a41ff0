// What waits for a second person, and their decision.
#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

run::Task<Answer> list_approvals(Gateway& gateway, value::Node arguments) {
    CO_TRY(const auto after, text_argument(arguments, "after"));
    CO_TRY(const auto limit, integer_argument(arguments, "limit"));
    const auto most = static_cast<std::size_t>(limit.value_or(100));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(const auto all, gateway.access().approvals.list(after.value_or(""), most));
        const auto now = gateway.world().clock.now();
        value::Builder out;
        out.begin_object().key("approvals").begin_array();
        for (const auto& one : all) {
            const bool late = one.state == access::ApprovalState::pending && now >= one.expires;
            out.begin_object().key("approval").text(one.id).key("operation").text(one.operation);
            out.key("state").text(late ? "expired" : access::name_of(one.state));
            out.key("asked_by").text(one.asked_by).key("asked_at").text(record::timestamp_text(one.asked));
            out.key("expires_at").text(record::timestamp_text(one.expires));
            out.key("decided_by").text(one.decided_by).end();
        }
        out.end();
        if (!all.empty() && all.size() == most) out.key("next").text(all.back().id);
        return out.end().take();
    });
}

// Deciding takes knowing: the arguments as they were asked.
run::Task<Answer> show_approval(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto id, needed_text(arguments, "approval"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(const auto act, gateway.access().approvals.show(caller, id));
        TRY(const auto asked, value::parse_json(act.arguments));
        value::Builder out;
        out.begin_object().key("approval").text(id).key("operation").text(act.approval.operation);
        out.key("asked_by").text(act.approval.asked_by).key("state").text(access::name_of(act.approval.state));
        out.key("arguments").copy(asked.root()).end();
        return out.take();
    });
}

run::Task<Answer> confirm(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto id, needed_text(arguments, "approval"));
    CO_TRY(const auto act, co_await run::on(gateway.world().pool, [&]() -> Result<flow::ConfirmedAct> {
               return gateway.access().approvals.confirm(caller, id);
           }));
    // Whoever asked must still be allowed to.
    CO_TRY(auto asked_by, co_await run::on(gateway.world().pool, [&] {
               return gateway.access().bearers.caller_named(act.approval.asked_by);
           }));
    CO_TRY(auto wanted, value::parse_json(act.arguments));
    CO_TRY(const auto result,
           co_await perform_confirmed(gateway, std::move(asked_by), act.approval.operation, std::move(wanted)));
    value::Builder out;
    out.begin_object().key("confirmed").text(id).key("operation").text(act.approval.operation);
    out.key("result").copy(result.root()).end();
    co_return out.take();
}

run::Task<Answer> refuse(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto id, needed_text(arguments, "approval"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        CHECK_OK(gateway.access().approvals.refuse(caller, id));
        value::Builder out;
        out.begin_object().key("refused").text(id).end();
        return out.take();
    });
}

}  // namespace

std::vector<NamedOperation> approval_operations() {
    using api::field::anything, api::field::integer, api::field::list, api::field::object, api::field::one_of,
        api::field::text, api::field::time;
    using enum access::Permission;
    const api::Fields which{text("approval").needed()};
    auto states = api::names_to(access::ApprovalState::refused);
    const auto kept_state = one_of("state", states);
    states.emplace_back("expired");
    const api::Fields listed{text("approval"), text("operation"),  one_of("state", states), text("asked_by"),
                             time("asked_at"), time("expires_at"), text("decided_by")};
    return {
        {"approval.list",
         approval_read,
         list_approvals,
         {text("after"), integer("limit")},
         {list("approvals", listed), anything("next")}},
        {"approval.show",
         approval_decide,
         show_approval,
         which,
         {text("approval"), text("operation"), text("asked_by"), kept_state, object("arguments")}},
        {"approval.confirm", approval_decide, confirm, which, {text("confirmed"), text("operation"), object("result")}},
        {"approval.refuse", approval_decide, refuse, which, {text("refused")}}};
}

}  // namespace tributary::app

#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/tell_act.hpp"
#include "gateway/flow/subscription_keeper.hpp"
#include "gateway/flow/subscription_turn.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

struct Target {
    const flow::Connection* connection = nullptr;
    connector::Subscriptions* subscriptions = nullptr;
    std::string url;
};

Result<Target> target_of(Gateway& gateway, value::Node arguments) {
    TRY(const auto name, needed_text(arguments, "connection"));
    const auto* connection = gateway.world().connection(name);
    if (!connection) return fail(Fault::bad_input, "there is no connection of this name", "connection " + name);
    const auto& public_url = gateway.catalogue().config.gateway.public_url;
    auto* subscriptions = connection->connector->subscriptions();
    if (!subscriptions || public_url.empty())
        return fail(Fault::bad_config,
                    subscriptions ? "gateway.public_url is missing: no system could reach the webhooks"
                                  : "its connector cannot be told where to send: subscribe in the system's own console",
                    "connection " + name);
    return Target{connection, subscriptions, flow::callback_url(public_url, name)};
}

run::Task<Answer> list_subscriptions(Gateway& gateway, value::Node arguments) {
    CO_TRY(const auto target, target_of(gateway, arguments));
    CO_TRY(const auto all, co_await target.subscriptions->list(target.url));
    value::Builder out;
    out.begin_object().key("url").text(target.url).key("subscriptions").begin_array();
    for (const auto& one : all) {
        out.begin_object().key("id").text(one.id).key("topic").text(one.topic);
        out.key("expires").text(one.expires ? record::timestamp_text(*one.expires) : "").end();
    }
    out.end().end();
    co_return out.take();
}

run::Task<Answer> settle(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto target, target_of(gateway, arguments));
    CO_CHECK_OK(co_await tell_act(gateway, caller, "subscription.settle", {{"connection", target.connection->name}}));
    CO_TRY(const auto changes, co_await flow::settle_in_turn(gateway.world(), *target.connection, target.url));
    value::Builder out;
    out.begin_object().key("url").text(target.url);
    for (const auto& [name, count] : {std::pair{"created", changes.created},
                                      {"renewed", changes.renewed},
                                      {"removed", changes.removed},
                                      {"kept", changes.kept}})
        out.key(name).integer(static_cast<std::int64_t>(count));
    out.end();
    co_return out.take();
}

run::Task<Answer> remove(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto target, target_of(gateway, arguments));
    CO_CHECK_OK(co_await tell_act(gateway, caller, "subscription.remove", {{"connection", target.connection->name}}));
    CO_TRY(const auto count, co_await flow::remove_in_turn(gateway.world(), *target.connection, target.url));
    value::Builder out;
    out.begin_object().key("removed").integer(static_cast<std::int64_t>(count));
    // The keeper makes them anew at its next look.
    out.key("made_again").boolean(target.connection->subscribe && !target.connection->at_rest()).end();
    co_return out.take();
}

}  // namespace

std::vector<NamedOperation> subscription_operations() {
    using api::field::flag, api::field::integer, api::field::list, api::field::text, api::field::time;
    using enum access::Permission;
    const api::Fields connection{text("connection").needed()};
    return {{"subscription.list",
             connection_read,
             list_subscriptions,
             connection,
             {text("url"), list("subscriptions", {text("id"), text("topic"), time("expires").or_empty()})}},
            {"subscription.settle",
             connection_change,
             settle,
             connection,
             {text("url"), integer("created"), integer("renewed"), integer("removed"), integer("kept")}},
            {"subscription.remove", connection_change, remove, connection, {integer("removed"), flag("made_again")}}};
}

}  // namespace tributary::app

// Pausing a whole connection, and what waits by destination.
#include <map>

#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/gateway_watch.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/base/text.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

std::int64_t seconds_since(Timestamp now, const std::optional<Timestamp>& at) {
    return at ? std::chrono::duration_cast<std::chrono::seconds>(now - *at).count() : 0;
}

Result<const flow::Connection*> connection_named(Gateway& gateway, const std::string& name) {
    const auto& world = gateway.world();
    if (const auto* connection = world.connection(name)) return connection;
    std::vector<std::string> known;
    for (const auto& [each, connection] : world.connections) known.push_back(each);
    const auto near = nearest(name, known);
    return fail(Fault::not_found,
                near ? "there is no connection of this name; did you mean " + *near + "?"
                     : "there is no connection of this name; known: " + join(known, ", "),
                name);
}

// Nothing is read, accepted or delivered, as with `pause: true`; what was accepted before is still processed.
run::Task<Answer> hold(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto name, needed_text(arguments, "connection"));
    CO_TRY(const auto given, text_argument(arguments, "reason"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(const auto* connection, connection_named(gateway, name));
        const auto reason = given.value_or("paused by the operator");
        const auto entry = flow::audit_entry(world.clock, caller, "connection.pause", {{"connection", name}});
        CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
            CHECK_OK(session.marks().put(std::string(kHeldMark) + name, reason));
            CHECK_OK(session.outbox().pause(name, reason, world.clock.now(), std::nullopt));
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
        connection->held->set(true);
        value::Builder out;
        out.begin_object().key("paused").text(name).key("reason").text(reason).end();
        return out.take();
    });
}

run::Task<Answer> let_go(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto name, needed_text(arguments, "connection"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(const auto* connection, connection_named(gateway, name));
        if (connection->paused)
            return fail(Fault::conflict, "the configuration pauses it: take `pause: true` away and reload", name);
        const auto entry = flow::audit_entry(world.clock, caller, "connection.resume", {{"connection", name}});
        CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
            CHECK_OK(session.marks().remove(std::string(kHeldMark) + name));
            CHECK_OK(session.outbox().resume(name));
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
        connection->held->set(false);
        value::Builder out;
        out.begin_object().key("resumed").text(name).end();
        return out.take();
    });
}

run::Task<Answer> summary(Gateway& gateway, value::Node arguments) {
    CO_TRY(const auto only, text_argument(arguments, "destination"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        if (only) CHECK_OK(connection_named(gateway, *only));
        const auto now = world.clock.now();
        std::vector<store::DestinationDepth> depths;
        std::map<std::string, store::DestinationState> states;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(depths, session.outbox().depths());
            TRY(auto rows, session.outbox().destinations());
            for (auto& row : rows) states.emplace(row.destination, std::move(row));
            return {};
        }));
        // Destinations that hold nothing are listed too.
        std::map<std::string, store::DestinationDepth> all;
        for (const auto& delivery : world.deliveries) all[delivery.to].destination = delivery.to;
        for (auto& one : depths) all[one.destination] = one;
        value::Builder out;
        std::uint64_t items = 0;
        out.begin_object().key("destinations").begin_array();
        for (const auto& [name, one] : all) {
            if (only && *only != name) continue;
            items += one.items;
            const auto state = states.find(name);
            const bool paused = state != states.end() && state->second.paused;
            out.begin_object().key("destination").text(name).key("items").integer(static_cast<std::int64_t>(one.items));
            out.key("customers").integer(static_cast<std::int64_t>(one.lanes));
            out.key("blocked_lanes").integer(static_cast<std::int64_t>(one.blocked_lanes));
            out.key("blocked_items").integer(static_cast<std::int64_t>(one.blocked_items));
            out.key("oldest_seconds").integer(seconds_since(now, one.oldest)).key("paused").boolean(paused);
            out.key("reason").text(paused ? state->second.reason : "");
            out.key("since").text(paused ? record::timestamp_text(state->second.since) : "").end();
        }
        out.end().key("items").integer(static_cast<std::int64_t>(items)).end();
        return out.take();
    });
}

}  // namespace

std::vector<NamedOperation> connection_operations() {
    using api::field::flag, api::field::integer, api::field::list, api::field::text, api::field::time;
    using enum access::Permission;
    const api::Fields depth{text("destination"),      integer("items"),         integer("customers"),
                            integer("blocked_lanes"), integer("blocked_items"), integer("oldest_seconds"),
                            flag("paused"),           text("reason"),           time("since").or_empty()};
    return {
        {"connection.pause",
         connection_change,
         hold,
         {text("connection").needed(), text("reason")},
         {text("paused"), text("reason")}},
        {"connection.resume", connection_change, let_go, {text("connection").needed()}, {text("resumed")}},
        {"queue.summary", queue_read, summary, {text("destination")}, {list("destinations", depth), integer("items")}}};
}

}  // namespace tributary::app

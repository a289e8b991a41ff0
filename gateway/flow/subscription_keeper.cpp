#include "gateway/flow/subscription_keeper.hpp"

#include "gateway/flow/subscription_turn.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;

namespace {
constexpr Milliseconds kEvery = 1h;
constexpr Milliseconds kAfterError = 5min;
constexpr Milliseconds kLook = 2s;  // the face listens before the first one: systems try the address out
}  // namespace

std::string callback_url(std::string_view public_url, std::string_view connection) {
    return std::string(public_url) + "/hooks/" + std::string(connection);
}

run::Task<Result<connector::SubscriptionChanges>> SubscriptionKeeper::settle(const Connection& connection) {
    const auto where = "connection " + connection.name;
    auto* subscriptions = connection.connector->subscriptions();
    if (!subscriptions)
        co_return fail(Fault::bad_config,
                       "connector " + connection.connector_name +
                           " cannot be told where to send: subscribe in the system's own console, see its README",
                       where);
    if (public_url_.empty())
        co_return fail(Fault::bad_config, "gateway.public_url is missing: no system could reach the webhooks", where);
    auto changes = co_await settle_in_turn(world_, connection, callback_url(public_url_, connection.name));
    if (!changes) co_return pass(std::move(changes), where);
    co_return changes;
}

run::Task<> SubscriptionKeeper::run(std::string name, std::stop_token stop) {
    const auto& connection = *world_.connection(name);
    const auto now = [&] { return world_.timers.clock().steady(); };
    auto due = now();
    auto resumed = connection.held->ends();
    while (co_await world_.timers.sleep_for(kLook, stop)) {
        const auto ends = connection.held->ends();
        if (ends != resumed) due = now();
        resumed = ends;
        if (connection.at_rest() || now() < due) continue;
        auto changes = co_await settle(connection);
        if (!changes && connection.at_rest()) continue;
        due = now() + (changes ? kEvery : changes.error().retry_after.value_or(kAfterError));
        if (!changes)
            world_.log.error("subscriptions not settled", changes.error());
        else if (changes->created + changes->renewed + changes->removed > 0)
            world_.log.info("subscriptions settled", {{"connection", name},
                                                      {"created", changes->created},
                                                      {"renewed", changes->renewed},
                                                      {"removed", changes->removed},
                                                      {"kept", changes->kept}});
    }
}

}  // namespace tributary::flow

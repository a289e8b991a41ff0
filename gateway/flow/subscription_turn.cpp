#include "gateway/flow/subscription_turn.hpp"

#include "gateway/flow/duty.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;

namespace {

constexpr Milliseconds kAskAgain = 200ms, kPatience = 1min;
// Longer than it takes; what was cut off keeps others out for so long where the store is shared.
constexpr Milliseconds kLongestTurn = 5min;

Duty duty_of(World& world, const Connection& connection) {
    return {world, "subscriptions." + connection.name, Duty::Among::everybody, kLongestTurn};
}

run::Task<Result<void>> wait_for_turn(World& world, const Connection& connection, Duty& duty) {
    const auto patience = world.timers.clock().steady() + kPatience;
    do {
        CO_TRY(const bool mine, co_await run::on(world.pool, [&] { return duty.begin(); }));
        if (mine) co_return Result<void>{};
    } while (world.timers.clock().steady() < patience && co_await world.timers.sleep_for(kAskAgain));
    co_return fail(Fault::conflict, "its subscriptions are being settled or removed elsewhere: ask again after that",
                   "connection " + connection.name);
}

run::Task<> give_back(World& world, Duty& duty) {
    auto ended = co_await run::on(world.pool, [&] { return duty.end(); });
    if (!ended) world.log.error("subscriptions wait until their lease is over", ended.error());
}

}  // namespace

run::Task<Result<connector::SubscriptionChanges>> settle_in_turn(World& world, const Connection& connection,
                                                                 std::string url) {
    auto duty = duty_of(world, connection);
    CO_CHECK_OK(co_await wait_for_turn(world, connection, duty));
    Result<connector::SubscriptionChanges> changes =
        fail(Fault::conflict, "it is paused and takes no webhooks: resume it first", "connection " + connection.name);
    if (!connection.at_rest())
        changes = co_await connection.connector->subscriptions()->settle(std::move(url), connection.topics);
    co_await give_back(world, duty);
    co_return changes;
}

run::Task<Result<std::size_t>> remove_in_turn(World& world, const Connection& connection, std::string url) {
    auto duty = duty_of(world, connection);
    CO_CHECK_OK(co_await wait_for_turn(world, connection, duty));
    auto removed = co_await connection.connector->subscriptions()->remove_all(std::move(url));
    co_await give_back(world, duty);
    co_return removed;
}

}  // namespace tributary::flow

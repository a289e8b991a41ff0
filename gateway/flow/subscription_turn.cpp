#include "gateway/flow/subscription_turn.hpp"

#include "gateway/run/executor.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;

namespace {

constexpr Milliseconds kAskAgain = 200ms, kPatience = 1min;
// Longer than it takes; what was cut off keeps others out for so long where the store is shared.
constexpr Milliseconds kTurn = 5min;

std::string turn_lease(const Connection& connection) {
    return "subscriptions." + connection.name;
}

run::Task<Result<std::uint64_t>> begin_turn(World& world, const Connection& connection) {
    const auto patience = world.timers.clock().steady() + kPatience;
    do {
        std::optional<std::uint64_t> token;
        auto asked = co_await run::on(world.pool, [&] {
            return world.store.write([&](store::Session& session) -> Result<void> {
                TRY(token, session.leases().acquire(turn_lease(connection), "subscriptions", kTurn, world.clock.now()));
                return {};
            });
        });
        if (!asked) co_return pass(std::move(asked));
        if (token) co_return *token;
    } while (world.timers.clock().steady() < patience && co_await world.timers.sleep_for(kAskAgain));
    co_return fail(Fault::conflict, "its subscriptions are being settled or removed elsewhere: ask again after that",
                   "connection " + connection.name);
}

run::Task<> end_turn(World& world, const Connection& connection, std::uint64_t token) {
    auto released = co_await run::on(world.pool, [&] {
        return world.store.write(
            [&](store::Session& session) { return session.leases().release(turn_lease(connection), token); });
    });
    if (!released) world.log.error("subscriptions wait until their lease is over", released.error());
}

}  // namespace

run::Task<Result<connector::SubscriptionChanges>> settle_in_turn(World& world, const Connection& connection,
                                                                 std::string url) {
    CO_TRY(const auto token, co_await begin_turn(world, connection));
    auto changes = co_await connection.connector->subscriptions()->settle(std::move(url), connection.topics);
    co_await end_turn(world, connection, token);
    co_return changes;
}

run::Task<Result<std::size_t>> remove_in_turn(World& world, const Connection& connection, std::string url) {
    CO_TRY(const auto token, co_await begin_turn(world, connection));
    auto removed = co_await connection.connector->subscriptions()->remove_all(std::move(url));
    co_await end_turn(world, connection, token);
    co_return removed;
}

}  // namespace tributary::flow

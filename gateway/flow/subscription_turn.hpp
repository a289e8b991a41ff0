// What is done to the subscriptions of a connection, one thing at a time: the keeper, an operator and the gateways on
// one store would each make what the other is making. Who waits for longer than a minute gets a conflict.
//
// On the connection's executor. REQUIRES: its connector has subscriptions.
#pragma once

#include <cstddef>
#include <string>

#include "gateway/connector/subscriptions.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/run/task.hpp"

namespace tributary::flow {

// As Subscriptions::settle() and remove_all(). All but `url` outlive it. conflict: nothing is settled for a connection
// at rest, which takes no webhooks; what was removed under a pause stays so.
run::Task<Result<connector::SubscriptionChanges>> settle_in_turn(World& world, const Connection& connection,
                                                                 std::string url);
run::Task<Result<std::size_t>> remove_in_turn(World& world, const Connection& connection, std::string url);

}  // namespace tributary::flow

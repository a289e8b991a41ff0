// SubscriptionKeeper: keeps the subscriptions of the connections that ask for it (`webhooks: { subscribe: true }`) as
// they should be, from the start of the gateway on, every hour. Systems switch subscriptions off after failures and
// forget them after days; a job that ran once at installation does not notice. It leaves a paused connection alone, and
// looks as soon as it is resumed.
#pragma once

#include <stop_token>
#include <string>

#include "gateway/flow/world.hpp"
#include "gateway/run/task.hpp"

namespace tributary::flow {

// Where a system sends the webhooks of a connection: below the public URL, which has no slash at its end.
std::string callback_url(std::string_view public_url, std::string_view connection);

class SubscriptionKeeper {
  public:
    SubscriptionKeeper(World& world, std::string public_url) : world_(world), public_url_(std::move(public_url)) {}
    // One of these for each such connection, on the connectors' executor; ends at `stop`.
    run::Task<> run(std::string connection, std::stop_token stop);
    // Settles once. bad_config: the connector does not say how, or there is no public URL.
    run::Task<Result<connector::SubscriptionChanges>> settle(const Connection& connection);

  private:
    World& world_;
    std::string public_url_;
};

}  // namespace tributary::flow

// Subscriptions: where a system has been told to send its webhooks. Many systems forget them after a while or switch
// them off after failures, so they are settled again and again: what is missing is made, what ends soon is renewed,
// what is doubled or no longer wanted is removed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/run/task.hpp"

namespace tributary::connector {

struct Subscription {
    std::string id;                    // over there
    std::string topic;                 // empty: one subscription holds all topics
    std::vector<std::string> topics;   // then these, where the system tells
    std::optional<Timestamp> expires;  // by the system's clock
    bool alive = true;                 // false: the system has switched it off
};

struct SubscriptionChanges {
    std::size_t kept = 0, created = 0, renewed = 0, removed = 0;
};

// Called on the connection's executor, one at a time.
class Subscriptions {
  public:
    virtual ~Subscriptions() = default;
    // Those that lead to `url`, the public address of the connection's webhooks; others are nobody's business.
    virtual run::Task<Result<std::vector<Subscription>>> list(std::string url) = 0;
    // After it each topic has exactly one subscription that leads to `url`. Safe to repeat at any time, also after a
    // settle() that was cut off. An error tells how far it came only through the next list().
    virtual run::Task<Result<SubscriptionChanges>> settle(std::string url, std::vector<std::string> topics) = 0;
    // Removes all that lead to `url`; how many these were.
    virtual run::Task<Result<std::size_t>> remove_all(std::string url) = 0;
};

}  // namespace tributary::connector

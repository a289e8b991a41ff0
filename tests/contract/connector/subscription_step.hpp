// The steps of a conversation in which the system is told where to send, or that it shall send nothing more:
//
//   - settle: https://gw.example/hooks/shop
//     topics: [orders/create]
//     exchange: [...]
//     expect: { kept: 0, created: 1, renewed: 0, removed: 0, credentials: { webhook_secret: s } }    # or error
//   - unsubscribe: https://gw.example/hooks/shop
//     exchange: [...]
//     expect: { removed: 1 }    # or error
#pragma once

#include <map>
#include <string>

#include "gateway/connector/connector.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::contract {

using Credentials = std::map<std::string, std::string, std::less<>>;

// REQUIRES: the connector can be told.
void run_settle(connector::Connector& connector, run::Loop& loop, value::Node step, const Credentials& credentials);
void run_unsubscribe(connector::Connector& connector, run::Loop& loop, value::Node step);

}  // namespace tributary::contract

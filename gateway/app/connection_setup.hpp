// What a connection of the configuration hands to its connector.
#pragma once

#include <functional>
#include <string>

#include "gateway/app/catalogue.hpp"
#include "gateway/app/foundation.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::app {

// The parts that a connector runs on. They outlive it.
struct ConnectionParts {
    net::HttpClient& http;  // sends what the connection's secrets allow, see bound_client.hpp
    run::Timers& timers;
    run::Pool& pool;
    Log& log;
    // Told of a host that a connector itself refused to call; may be empty. Must not block.
    std::function<void(const std::string& host)> on_refused_host = {};
};

// Resolves the references of its settings. REQUIRES: everything referred to outlives the setup.
Result<connector::Setup> connection_setup(const ConnectionConfig& config, const Config& whole, Foundation& foundation,
                                          ConnectionParts parts);

}  // namespace tributary::app

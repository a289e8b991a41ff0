// Setup: everything one connection hands to its connector. Built by app's wiring, one for each connection.
//
// Lifetimes: the references outlive the connector. Threads: a connector and its roles run on `executor` alone; work
// that blocks (files, SQL clients) goes through `blocking`.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/result.hpp"
#include "gateway/connector/transport.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/crypto/secret_bytes.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connector {

// Reads one field of the connection's credentials, each time anew, so a rotated secret is used at once.
// Fault::bad_config names the field when the secret does not hold it; Fault::unauthorized when the vault is sealed.
using CredentialReader = std::function<Result<crypto::SecretBytes>(std::string_view field)>;

struct Setup {
    std::string connection;           // its name, for errors and logs
    value::Document settings;         // `settings:` of the connection; Registry::build fills in declared defaults
    CredentialReader credential;      // may be empty when the connector declares none
    std::filesystem::path directory;  // relative paths in settings start here: where gateway.yaml lies
    std::vector<std::string> topics;  // `webhooks.topics` of the connection; empty: all that the connector knows
    // Connections with the same key share one rate budget: the name of the secret, or of the connection without one.
    std::string budget_key;

    const Clock& clock;
    crypto::Random& random;
    Log& log;
    Transport& http;                        // obeys the connection's network rules (address guard, TLS)
    boost::asio::any_io_executor executor;  // the loop on which the connector's coroutines run
    boost::asio::any_io_executor blocking;  // a thread pool for calls that block
};

}  // namespace tributary::connector

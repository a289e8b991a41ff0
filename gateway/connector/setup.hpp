// Setup: everything one connection hands to its connector. Built by app's wiring, one for each connection.
//
// Lifetimes: the references outlive the connector. Threads: a connector and its roles run on one loop alone; work that
// blocks (files, SQL clients) goes through run::on(setup.blocking, f).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/crypto/secret_bytes.hpp"
#include "gateway/net/http_client.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/run/timers.hpp"
#include "gateway/value/document.hpp"

namespace tributary::vault {
class Grants;
}

namespace tributary::connector {

class TokenSource;

// Reads one field of the connection's credentials, each time anew, so a rotated secret is used at once.
// Fault::bad_config names the field when the secret does not hold it; Fault::unauthorized when the vault is sealed.
using CredentialReader = std::function<Result<crypto::SecretBytes>(std::string_view field)>;

// Keeps a secret that a system told only once, in front of those that the field holds, so that for a while both count.
// Blocks. conflict: another process changes the secret all the time.
using CredentialKeeper = std::function<Result<void>(std::string_view field, const crypto::SecretBytes& value)>;

struct Setup {
    std::string connection;            // its name, for errors and logs
    value::Document settings;          // `settings:` of the connection; Registry::build fills in the declared defaults
    CredentialReader credential;       // empty when the connection has no credentials
    CredentialKeeper keep_credential;  // empty unless the credentials are one secret of the vault
    std::filesystem::path directory;   // relative paths in settings start here: where gateway.yaml lies
    std::vector<std::string> topics;   // `webhooks.topics` of the connection; empty: all that the connector knows
    // Connections with the same key share one rate budget: the names of its secrets, or its own without any.
    std::string budget_key;
    // Where tokens that a person granted are kept, and under which secret; nullptr: a connector may only use the
    // refresh token among its credentials, and keeps what comes after it for as long as it lives.
    vault::Grants* grants = nullptr;
    std::string grant_name;
    // Of a connector in C++ whose connector.yaml has an `auth`; nullptr: none of its logins goes with the settings. Set
    // by Registry::build.
    std::shared_ptr<TokenSource> tokens;
    // Timeouts, CA file and private networks of the connection. A declarative connector adds its own allowed hosts and
    // the port of its base URL to `egress`; a host that neither lists is never called.
    net::HttpOptions network;
    // Told of a host that the connector itself refused to call, as it was asked for; may be empty. Must not block.
    std::function<void(const std::string& host)> on_refused_host = {};

    net::HttpClient& http;  // tests inject a scripted one
    run::Timers& timers;    // waiting for a rate budget; its clock() is the one clock
    run::Pool& blocking;
    crypto::Random& random;
    Log& log;

    const Clock& clock() const { return timers.clock(); }
};

}  // namespace tributary::connector

// GrantSession: carries the refresh protocol out for one connection: reads the grant, waits, leases, calls, saves.
// Decisions are vault/refresh_protocol's; this is its I/O. Used on the connection's loop; database work goes to the
// pool.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gateway/connector/setup.hpp"
#include "gateway/run/task.hpp"
#include "gateway/vault/grants.hpp"
#include "gateway/vault/refresh_protocol.hpp"

namespace tributary::connector {

// How long a lease lasts; a call to the token endpoint is given up after less than half of it.
constexpr Milliseconds kGrantLease = std::chrono::seconds(60);
constexpr Milliseconds kGrantCall = std::chrono::seconds(25);

class GrantSession {
  public:
    // REQUIRES: setup.grants. The setup outlives it.
    explicit GrantSession(const Setup& setup, Milliseconds lease = kGrantLease);

    struct Terms {
        std::string seed;    // a refresh token that the operator gave; empty: none
        std::string issuer;  // the token endpoint
        vault::LostAnswer lost_answer = vault::LostAnswer::retry;
        std::optional<std::uint64_t> refused;  // the version whose access token was refused
    };
    struct Ended {
        vault::CallEnd end = vault::CallEnd::failed;
        std::optional<vault::Tokens> tokens;  // when granted; an empty refresh token means: keep the one there is
        Error error;
    };
    using Call = std::function<run::Task<Ended>(std::string refresh_token)>;

    // Tokens that may be used, and when to look again; nullopt: until they are refused.
    struct Held {
        std::uint64_t version = 0;
        value::Document values;
        std::optional<Timestamp> until;
    };
    // Faults: unauthorized when a person has to log in; bad_config when the tokens are another provider's; transient.
    run::Task<Result<Held>> hold(Terms terms, Call call);
    // Keeps the tokens of a login.
    run::Task<Result<void>> replace(Terms terms, vault::Tokens tokens);

  private:
    struct Seen {
        vault::Grant grant;
        vault::GrantView view;
        std::string refresh_token;
    };
    run::Task<Result<Seen>> look(const Terms& terms);
    run::Task<Result<void>> renew(const Terms& terms, const vault::GrantLease& lease, const Call& call);
    run::Task<Result<void>> settle(const Terms& terms, const vault::GrantLease& lease, const Seen& seen, Ended ended);
    Result<void> give_back(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& error);
    Held held(const Seen& seen, bool due) const;
    Error login_needed(const std::string& why) const;
    Timestamp now() const { return setup_.clock().now(); }

    const Setup& setup_;
    Milliseconds lease_;
    std::string owner_;
    double share_;  // of a token's life after which this process renews it; others wait a little longer or shorter
};

}  // namespace tributary::connector

// Grants: tokens that a provider granted, kept sealed in their secret, and the row that says who renews them. The
// refresh token of a set is on disk before anything of the set is used.
//
// Fields of the secret whose names begin with "oauth." are its own. Each call may block on the database; safe from
// several threads. Store, vault and clock outlive it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/vault/grant.hpp"
#include "gateway/vault/vault.hpp"

namespace tributary::vault {

struct Tokens {
    // What later requests carry: access_token, and what the connector's file saves besides.
    SecretFields values;
    crypto::SecretBytes refresh_token;  // empty: none
    Timestamp obtained{};
    std::optional<Timestamp> expires;
    // The token endpoint that gave them: they are never sent to another one.
    std::string issuer;
    // mark_of() the refresh token that the operator had given when these tokens were got; empty: none.
    std::string seed;
};

struct Grant {
    GrantState state;
    std::optional<Tokens> tokens;
};

// A short fingerprint, to tell two refresh tokens apart without keeping either. Empty for an empty token.
std::string mark_of(std::string_view token);

class Grants {
  public:
    Grants(GrantStore& store, Vault& vault, const Clock& clock) : store_(store), vault_(vault), clock_(clock) {}

    // What is there now, past every cache. A grant that never was has version 0 and no tokens.
    Result<Grant> read(std::string_view name) const;
    Result<std::vector<GrantState>> list() const { return store_.list_grants(); }
    Result<std::optional<GrantLease>> lease(const GrantState& state, const std::string& owner, Milliseconds ttl);
    // The intent to call with the refresh token of that mark.
    Result<void> intend(const GrantLease& lease, const std::string& mark);
    Result<void> release(const GrantLease& lease, GrantPhase phase, const std::string& error);
    // Both return once the tokens are on disk. Fault::conflict: the lease is stale, and nothing was written.
    Result<void> save(const GrantLease& lease, const Tokens& tokens);
    Result<void> replace(std::string_view name, const Tokens& tokens);

  private:
    template <class Put>
    Result<void> put(std::string_view name, const Tokens& tokens, Put put);
    GrantStore& store_;
    Vault& vault_;
    const Clock& clock_;
};

}  // namespace tributary::vault

// How references in a configuration become values: secrets from the vault, ${env:} from the environment.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "gateway/app/config.hpp"
#include "gateway/base/result.hpp"
#include "gateway/connector/setup.hpp"
#include "gateway/spec/reference.hpp"
#include "gateway/spec/yaml.hpp"
#include "gateway/value/document.hpp"
#include "gateway/vault/vault.hpp"

namespace tributary::app {

// Who asks for a secret: a secret that is bound to another connection or connector is refused.
struct SecretUser {
    std::string connection, connector;
};
Result<void> check_binding(const vault::Binding& binding, const SecretUser& user, std::string_view secret);

// REQUIRES: the vault outlives it.
class VaultResolver final : public spec::Resolver {
  public:
    VaultResolver(const vault::Vault& vault, SecretUser user) : vault_(vault), user_(std::move(user)) {}
    Result<std::string> resolve(const spec::Reference& reference) const override;

  private:
    const vault::Vault& vault_;
    SecretUser user_;
};

// Reads each field anew from the vault, and checks each time that this connection may use it. Empty when the connection
// declares no credentials.
connector::CredentialReader credential_reader(const ConnectionConfig& connection, const vault::Vault& vault);

// The secrets of the vault that the credentials of a connection name.
std::set<std::string> secrets_of(const ConnectionConfig& connection);

// Adds to a field of the secret. Empty unless the credentials are one secret of the vault.
connector::CredentialKeeper credential_keeper(const CredentialsConfig& config, vault::Vault& vault);

// The secret that keeps the tokens of a connection's login: that of its credentials, so that connections with the same
// credentials share one login, else one of its own.
std::string grant_name(const ConnectionConfig& connection);

// Connections with the same key share one rate budget: that of the secrets in its credentials, whichever way they are
// written, else its own name.
std::string budget_key(const ConnectionConfig& connection);

// A connection's settings with every reference resolved.
Result<value::Document> resolved_settings(const spec::Yaml* settings, const spec::Resolver& resolver);

}  // namespace tributary::app

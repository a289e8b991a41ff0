// How references in a configuration become values: secrets from the vault, ${env:} from the environment.
#pragma once

#include <string_view>

#include "gateway/app/config.hpp"
#include "gateway/base/result.hpp"
#include "gateway/connector/setup.hpp"
#include "gateway/spec/reference.hpp"
#include "gateway/spec/yaml.hpp"
#include "gateway/value/document.hpp"
#include "gateway/vault/vault.hpp"

namespace tributary::app {

// REQUIRES: the vault outlives it.
class VaultResolver final : public spec::Resolver {
  public:
    explicit VaultResolver(const vault::Vault& vault) : vault_(vault) {}
    Result<std::string> resolve(const spec::Reference& reference) const override;

  private:
    const vault::Vault& vault_;
};

// Reads each field anew from the vault. Empty when the connection declares no credentials.
connector::CredentialReader credential_reader(const CredentialsConfig& config, const vault::Vault& vault);

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

// Secrets: sealed credentials by name, for transactions that also write their audit entry. Contracts as in
// vault::SecretStore, whose stand-alone form is StoredSecrets (store/vault_stores.hpp).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/vault/key_store.hpp"

namespace tributary::store {

class SecretsView {
  public:
    virtual ~SecretsView() = default;
    virtual Result<std::optional<vault::SealedSecret>> find(std::string_view name) = 0;
    virtual Result<std::vector<vault::SealedSecret>> list() = 0;
};

class Secrets : public virtual SecretsView {
  public:
    virtual Result<void> put(const vault::SealedSecret& secret) = 0;
    virtual Result<void> remove(std::string_view name) = 0;
    // Replaces the wrapped key of just what was read, and nothing else. False when it changed meanwhile.
    virtual Result<bool> rewrap(const vault::SealedSecret& read, std::string_view wrapped_key) = 0;
};

}  // namespace tributary::store

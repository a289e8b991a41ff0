// StoredKeys and StoredSecrets: what the vault asks of a durable store, each call its own transaction. They work on any
// engine. The store outlives them. They must not be called from a store's closure.
#pragma once

#include "gateway/store/store.hpp"
#include "gateway/vault/key_store.hpp"

namespace tributary::store {

class StoredKeys final : public vault::KeyStore {
  public:
    explicit StoredKeys(Store& store) : store_(store) {}
    Result<std::vector<std::optional<vault::WrappedKey>>> subject_keys(std::span<const Uid> subjects) override;

  private:
    Store& store_;
};

class StoredSecrets final : public vault::SecretStore {
  public:
    explicit StoredSecrets(Store& store) : store_(store) {}
    Result<void> put_secret(const vault::SealedSecret& secret) override;
    Result<std::optional<vault::SealedSecret>> find_secret(std::string_view name) override;
    Result<std::vector<vault::SealedSecret>> list_secrets() override;
    Result<void> remove_secret(std::string_view name) override;

  private:
    Store& store_;
};

}  // namespace tributary::store

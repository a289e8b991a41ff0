// StoredKeys, StoredSecrets and StoredGrants: what the vault asks of a durable store, each call its own transaction.
// They work on any engine. The store outlives them. They must not be called from a store's closure.
#pragma once

#include <functional>

#include "gateway/store/store.hpp"
#include "gateway/vault/grant.hpp"
#include "gateway/vault/key_store.hpp"

namespace tributary::store {

class StoredKeys final : public vault::KeyStore {
  public:
    explicit StoredKeys(Store& store) : store_(store) {}
    Result<std::vector<std::optional<vault::WrappedKey>>> subject_keys(std::span<const Uid> subjects) override;
    void rewrap(std::vector<vault::Rewrapped> keys) override;

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

class StoredGrants final : public vault::GrantStore {
  public:
    // Runs in the transaction that keeps renewed tokens; when it fails, they are not kept.
    using OnRenewed = std::function<Result<void>(Session& session, const vault::SealedSecret& secret)>;
    explicit StoredGrants(Store& store, OnRenewed on_renewed = {})
        : store_(store), on_renewed_(std::move(on_renewed)) {}
    Result<std::optional<vault::GrantState>> find_grant(std::string_view name) override;
    Result<std::vector<vault::GrantState>> list_grants() override;
    Result<std::optional<vault::GrantLease>> lease_grant(std::string_view name, std::uint64_t version,
                                                         const std::string& owner, Timestamp now,
                                                         Timestamp until) override;
    Result<void> mark_grant(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& mark,
                            Timestamp now) override;
    Result<void> release_grant(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& error,
                               Timestamp now) override;
    Result<void> save_grant(const vault::GrantLease& lease, const vault::SealedSecret& secret, Timestamp now) override;
    Result<void> replace_grant(std::string_view name, const vault::SealedSecret& secret, Timestamp now) override;

  private:
    Store& store_;
    OnRenewed on_renewed_;
};

}  // namespace tributary::store

// Subject keys and secrets. Only sealed bytes pass through here.
#pragma once

#include <set>

#include "gateway/store/keys.hpp"
#include "gateway/store/secrets.hpp"
#include "gateway/store/sql/retired_keys.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class KeysReads : public virtual KeysView {
  public:
    explicit KeysReads(Connection& connection);
    Result<std::vector<std::optional<vault::WrappedKey>>> find(std::span<const Uid> subjects) override;
    Result<std::vector<vault::WrappedKey>> wrapped_by(Uid kek, Uid after, std::size_t limit) override;
    Result<std::vector<WrappedCount>> wrapped_counts() override;
    Result<bool> is_retired(Uid kek) override;

  private:
    Statement find_, wrapped_by_, counts_;
    RetiredKeys retired_;
};

class KeysTable final : public Keys, public KeysReads {
  public:
    explicit KeysTable(Connection& connection);
    Result<void> put(std::span<const vault::WrappedKey> keys) override;
    Result<std::uint64_t> rewrap(std::span<const vault::Rewrapped> keys) override;
    Result<void> retire(Uid kek) override;
    Result<std::uint64_t> destroy(std::span<const Uid> subjects) override;

  private:
    Result<void> refuse_retired(const vault::WrappedKey& key, std::set<Uid>& asked);
    Connection& connection_;
    Statement put_, rewrap_, destroy_, retire_;
};

class SecretsReads : public virtual SecretsView {
  public:
    explicit SecretsReads(Connection& connection);
    Result<std::optional<vault::SealedSecret>> find(std::string_view name) override;
    Result<std::vector<vault::SealedSecret>> list() override;

  private:
    Statement find_, list_;
};

class SecretsTable final : public Secrets, public SecretsReads {
  public:
    explicit SecretsTable(Connection& connection);
    Result<void> put(const vault::SealedSecret& secret) override;
    Result<void> remove(std::string_view name) override;
    Result<bool> rewrap(const vault::SealedSecret& read, std::string_view wrapped_key) override;

  private:
    Statement insert_, replace_, remove_, rewrap_;
    RetiredKeys retired_;
};

}  // namespace tributary::store

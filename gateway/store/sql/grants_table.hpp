// Grants: the row beside the tokens. The tokens themselves stay in the table of secrets.
#pragma once

#include "gateway/store/grants.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class GrantsReads : public virtual GrantsView {
  public:
    explicit GrantsReads(Connection& connection);
    Result<std::optional<vault::GrantState>> find(std::string_view name) override;
    Result<std::vector<vault::GrantState>> list() override;

  protected:
    Connection& connection_;

  private:
    Statement find_, list_;
};

class GrantsTable final : public Grants, public GrantsReads {
  public:
    explicit GrantsTable(Connection& connection);
    Result<std::optional<vault::GrantLease>> lease(std::string_view name, std::uint64_t version,
                                                   const std::string& owner, Timestamp now, Timestamp until) override;
    Result<void> mark(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& mark,
                      Timestamp now) override;
    Result<void> release(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& error,
                         Timestamp now) override;
    Result<void> advance(const vault::GrantLease& lease, Timestamp now) override;
    Result<void> replace(std::string_view name, Timestamp now) override;

  private:
    Statement make_, lease_, mark_, release_, advance_, replace_;
};

}  // namespace tributary::store

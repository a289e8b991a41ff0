// The positions of outer ledgers: a row each.
#pragma once

#include "gateway/store/ledger_position.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class LedgerPositionReads : public virtual LedgerPositionView {
  public:
    explicit LedgerPositionReads(Connection& connection);
    Result<LedgerPosition> get(const std::string& ledger) override;

  private:
    Statement get_;
};

class LedgerPositionTable final : public LedgerPositions, public LedgerPositionReads {
  public:
    explicit LedgerPositionTable(Connection& connection);
    Result<void> put(const std::string& ledger, const LedgerPosition& position) override;

  private:
    Statement put_;
};

}  // namespace tributary::store

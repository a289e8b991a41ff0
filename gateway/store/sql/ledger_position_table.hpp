// The position of the outer ledger: one row.
#pragma once

#include "gateway/store/ledger_position.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class LedgerPositionReads : public virtual LedgerPositionView {
  public:
    explicit LedgerPositionReads(Connection& connection);
    Result<LedgerPosition> get() override;

  private:
    Statement get_;
};

class LedgerPositionTable final : public LedgerPositions, public LedgerPositionReads {
  public:
    explicit LedgerPositionTable(Connection& connection);
    Result<void> put(const LedgerPosition& position) override;

  private:
    Statement put_;
};

}  // namespace tributary::store

// Quality counters.
#pragma once

#include "gateway/store/quality.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class QualityReads : public virtual QualityView {
  public:
    explicit QualityReads(Connection& connection);
    Result<std::vector<QualityCount>> list(QualityKind kind, const std::string& connection, const std::string& stream,
                                           std::size_t limit) override;

  protected:
    Connection& connection_;

  private:
    Statement list_;
};

class QualityTable final : public Quality, public QualityReads {
  public:
    explicit QualityTable(Connection& connection);
    Result<void> add(std::span<const QualityCount> counts) override;
    Result<void> clear(const std::string& connection, const std::string& stream) override;

  private:
    Statement add_, clear_;
};

}  // namespace tributary::store

// The erasure ledger.
#pragma once

#include "gateway/store/erasures.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class ErasuresReads : public virtual ErasuresView {
  public:
    explicit ErasuresReads(Connection& connection);
    Result<std::vector<std::optional<Timestamp>>> contains(std::span<const Uid> subjects) override;
    Result<std::vector<std::optional<Timestamp>>> contains_keys(std::span<const Digest> keys) override;
    Result<std::int64_t> last() override;
    Result<std::vector<Erasure>> after(std::int64_t seq, std::size_t limit) override;

  private:
    Statement subject_, key_, last_, list_, keys_;
};

class ErasuresTable final : public Erasures, public ErasuresReads {
  public:
    explicit ErasuresTable(Connection& connection);
    Result<std::uint64_t> add(std::span<const Erasure> erasures) override;

  private:
    Statement put_, put_key_;
};

}  // namespace tributary::store

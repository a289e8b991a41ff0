// The audit log in SQLite. The end of the chain is kept in memory, read anew after a rollback.
#pragma once

#include "gateway/store/audit_log.hpp"
#include "gateway/store/sqlite/statement.hpp"

namespace tributary::store {

class AuditReads : public virtual AuditLogView {
  public:
    explicit AuditReads(Connection& connection);
    Result<std::vector<AuditRow>> read(std::int64_t after, std::size_t limit) override;
    Result<std::optional<AuditRow>> last() override;
    Result<AuditCheck> verify(std::int64_t after, std::size_t limit) override;

  private:
    Statement read_, last_, chain_;
};

class AuditTable final : public AuditLog, public AuditReads {
  public:
    explicit AuditTable(Connection& connection);
    Result<std::int64_t> append(std::span<const std::string> entries) override;
    void rolled_back() { known_ = false; }

  private:
    Statement append_;
    bool known_ = false;
    std::int64_t last_seq_ = 0;
    Digest last_chain_{};
};

}  // namespace tributary::store

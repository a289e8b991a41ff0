// The audit log. The end of the chain is kept in memory, read anew after a rollback.
#pragma once

#include "gateway/store/audit_log.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class AuditReads : public virtual AuditLogView {
  public:
    explicit AuditReads(Connection& connection);
    Result<std::vector<audit::Entry>> read(std::int64_t after, std::size_t limit) override;
    Result<std::optional<audit::Entry>> last() override;
    Result<std::vector<AuditCheckpoint>> checkpoints(std::uint64_t after, std::size_t limit) override;
    Result<std::optional<AuditCheckpoint>> last_checkpoint() override;

  private:
    Statement read_, last_, checkpoints_, last_checkpoint_;
};

class AuditTable final : public AuditLog, public AuditReads {
  public:
    explicit AuditTable(Connection& connection);
    Result<std::int64_t> append(std::span<const std::string> entries) override;
    Result<void> put_checkpoint(const AuditCheckpoint& checkpoint) override;
    void rolled_back() { known_ = false; }

  private:
    Statement append_, put_checkpoint_, forget_checkpoints_;
    bool known_ = false;
    std::int64_t last_seq_ = 0;
    audit::Hash last_chain_{};
};

}  // namespace tributary::store

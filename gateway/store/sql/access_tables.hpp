// Approvals and answers kept for repeated writes.
#pragma once

#include "gateway/store/approvals.hpp"
#include "gateway/store/idempotency.hpp"
#include "gateway/store/sql/retired_keys.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class ApprovalsReads : public virtual ApprovalsView {
  public:
    explicit ApprovalsReads(Connection& connection);
    Result<std::optional<access::Approval>> find(std::string_view id) override;
    Result<std::vector<access::Approval>> list(std::string_view after, std::size_t limit) override;

  private:
    Statement find_, list_;
};

class ApprovalsTable final : public Approvals, public ApprovalsReads {
  public:
    explicit ApprovalsTable(Connection& connection);
    Result<void> put(const access::Approval& approval) override;
    Result<void> sweep(Timestamp before) override;

  private:
    Statement put_, sweep_;
    RetiredKeys retired_;
};

class IdempotencyReads : public virtual IdempotencyView {
  public:
    explicit IdempotencyReads(Connection& connection);
    Result<std::optional<IdempotentWrite>> find(const Digest& key) override;

  private:
    Statement find_;
};

class IdempotencyTable final : public Idempotency, public IdempotencyReads {
  public:
    explicit IdempotencyTable(Connection& connection);
    Result<void> put(const IdempotentWrite& write) override;
    Result<void> remove(const Digest& key) override;
    Result<void> sweep(Timestamp before) override;

  private:
    Statement put_, remove_, sweep_;
    RetiredKeys retired_;
};

}  // namespace tributary::store

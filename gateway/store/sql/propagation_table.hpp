// Propagation tasks.
#pragma once

#include "gateway/store/propagation.hpp"
#include "gateway/store/sql/retired_keys.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class PropagationReads : public virtual PropagationView {
  public:
    explicit PropagationReads(Connection& connection);
    Result<std::vector<PropagationTask>> list(const PropagationFilter& filter, std::int64_t after,
                                              std::size_t limit) override;
    Result<std::optional<PropagationTask>> get(std::int64_t id) override;
    Result<std::vector<PropagationCount>> counts() override;
    Result<std::optional<Timestamp>> next_due() override;
    Result<std::uint64_t> overdue(Timestamp at) override;

  protected:
    Connection& connection_;

  private:
    Statement list_, get_, counts_, next_due_, overdue_;
};

class PropagationTable final : public Propagation, public PropagationReads {
  public:
    explicit PropagationTable(Connection& connection);
    Result<std::uint64_t> put(std::span<const NewPropagationTask> tasks) override;
    Result<std::vector<PropagationTask>> claim(std::size_t limit, Timestamp now, Milliseconds lease) override;
    Result<void> settle(const TaskOutcome& outcome) override;
    Result<void> close(std::int64_t id, const std::string& note, Timestamp at) override;
    Result<bool> reopen(std::int64_t id, Timestamp at) override;

  private:
    Statement insert_, ready_, lease_, settle_, close_, reopen_;
    RetiredKeys retired_;
};

}  // namespace tributary::store

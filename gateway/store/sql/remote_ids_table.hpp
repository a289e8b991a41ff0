// Remote ids.
#pragma once

#include "gateway/store/remote_ids.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class RemoteIdsReads : public virtual RemoteIdsView {
  public:
    explicit RemoteIdsReads(Connection& connection);
    Result<std::vector<std::optional<std::string>>> remote_of(const std::string& connection, const std::string& entity,
                                                              std::span<const Uid> locals) override;
    Result<std::vector<std::optional<Uid>>> local_of(const std::string& connection, const std::string& entity,
                                                     std::span<const std::string> remote_ids) override;

  protected:
    Connection& connection_;

  private:
    Statement remote_of_, local_of_;
};

class RemoteIdsTable final : public RemoteIds, public RemoteIdsReads {
  public:
    explicit RemoteIdsTable(Connection& connection);
    Result<void> put(std::span<const RemoteId> ids) override;
    Result<void> remove(const std::string& connection, const std::string& entity, Uid local) override;

  private:
    Statement other_local_, put_, remove_;
};

}  // namespace tributary::store

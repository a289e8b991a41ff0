// Remote ids: what another system calls one of ours, per (connection, entity). Unique in both directions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::store {

struct RemoteId {
    std::string connection;
    std::string entity;
    Uid local;  // a customer or a record
    std::string remote_id;
};

class RemoteIdsView {
  public:
    virtual ~RemoteIdsView() = default;
    virtual Result<std::vector<std::optional<std::string>>> remote_of(const std::string& connection,
                                                                      const std::string& entity,
                                                                      std::span<const Uid> locals) = 0;
    virtual Result<std::vector<std::optional<Uid>>> local_of(const std::string& connection, const std::string& entity,
                                                             std::span<const std::string> remote_ids) = 0;
};

class RemoteIds : public virtual RemoteIdsView {
  public:
    // A newer pair replaces whatever either side was paired with before.
    virtual Result<void> put(std::span<const RemoteId> ids) = 0;
    virtual Result<void> remove(const std::string& connection, const std::string& entity, Uid local) = 0;
};

}  // namespace tributary::store

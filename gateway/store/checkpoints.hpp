// Checkpoints: where each (connection, stream) goes on. Saved in the transaction that commits the page's records.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

struct Checkpoint {
    std::string connection, stream;
    std::string cursor;  // JSON that only the connector reads
    std::string state;   // JSON of the caller's: phase, totals, ...
    Timestamp updated_at;
};

class CheckpointsView {
  public:
    virtual ~CheckpointsView() = default;
    virtual Result<std::optional<Checkpoint>> get(const std::string& connection, const std::string& stream) = 0;
    virtual Result<std::vector<Checkpoint>> list() = 0;
};

class Checkpoints : public virtual CheckpointsView {
  public:
    virtual Result<void> put(const Checkpoint& checkpoint) = 0;
    virtual Result<void> remove(const std::string& connection, const std::string& stream) = 0;
};

}  // namespace tributary::store

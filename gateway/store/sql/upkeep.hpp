// Upkeep: what an engine does between the writer's commits, on the writer's thread. An error is only returned when it
// breaks the store.
#pragma once

#include "gateway/base/result.hpp"

namespace tributary::store {

class Upkeep {
  public:
    virtual ~Upkeep() = default;
    // Little while callers wait for each commit, much at a time in bulk.
    virtual Result<void> after_commit(bool bulk) = 0;
    // When nothing is queued, room is needed, or what was removed has to be gone.
    virtual Result<void> settle() = 0;
    // Whether settle() is worth it when nothing is queued.
    virtual bool has_work() const = 0;
};

}  // namespace tributary::store

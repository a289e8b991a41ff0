// Idempotency: what was answered to a write that came with a key, so that the same write is not done twice.
#pragma once

#include <optional>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/store/digest.hpp"

namespace tributary::store {

struct IdempotentWrite {
    Digest key{};      // of caller and key
    Digest request{};  // of what was asked
    Timestamp at{};
    int status = 0;      // 0: not answered yet
    std::string answer;  // sealed
};

class IdempotencyView {
  public:
    virtual ~IdempotencyView() = default;
    virtual Result<std::optional<IdempotentWrite>> find(const Digest& key) = 0;
};

class Idempotency : public virtual IdempotencyView {
  public:
    // Makes or replaces.
    virtual Result<void> put(const IdempotentWrite& write) = 0;
    virtual Result<void> remove(const Digest& key) = 0;
    // Those from before.
    virtual Result<void> sweep(Timestamp before) = 0;
};

}  // namespace tributary::store

// Waiter: lets a blocking caller wait for its answer. Told under the lock, so that the waiter cannot go away too early.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "gateway/base/result.hpp"

namespace tributary::store {

class Waiter {
  public:
    void tell(Result<void> outcome) {
        const std::lock_guard lock(mutex_);
        outcome_ = std::move(outcome);
        told_.notify_one();
    }
    Result<void> wait() {
        std::unique_lock lock(mutex_);
        told_.wait(lock, [this] { return outcome_.has_value(); });
        return std::move(*outcome_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable told_;
    std::optional<Result<void>> outcome_;
};

}  // namespace tributary::store

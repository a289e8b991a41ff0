// OperatorPause: whether an operator pauses a connection, and how often that ended since the start. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace tributary::flow {

class OperatorPause {
  public:
    void set(bool on) {
        if (on_.exchange(on) && !on) ++ends_;
    }
    bool on() const { return on_; }
    std::uint64_t ends() const { return ends_; }

  private:
    std::atomic<bool> on_ = false;
    std::atomic<std::uint64_t> ends_ = 0;
};

}  // namespace tributary::flow

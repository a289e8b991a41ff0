// Signal: waits on a loop for a signal of the process, again and again. What ends the process is GracefulStop's.
#pragma once

#include <memory>
#include <stop_token>

#include "gateway/run/executor.hpp"
#include "gateway/run/task.hpp"

namespace tributary::run {

class Signal {
  public:
    // From here on the signal no longer does what it does by default. REQUIRES: `loop` outlives this object.
    Signal(Loop& loop, int number);
    ~Signal();
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    // True for each signal, also for one that came between two calls; several of those count as one or more. False:
    // `stop` came first. REQUIRES: awaited on the loop, by one coroutine.
    Task<bool> next(std::stop_token stop);

  private:
    struct State;
    std::shared_ptr<State> state_;  // the coroutine that waits holds it too
};

}  // namespace tributary::run

// Watchdog: acts once when nobody has fed it for too long. For programs that may hang.
//
//   Watchdog dog(executor, timers, 5min, [process] { process->kill(); });
//   for (...) { co_await process->read_output(); dog.feed(); }
//
// Threads: made, fed and ended on the executor's loop. Nothing happens after it has gone.
#pragma once

#include <functional>
#include <memory>

#include "gateway/run/executor.hpp"
#include "gateway/run/timers.hpp"

namespace tributary::run {

class Watchdog {
  public:
    // REQUIRES: `timers` outlives the loop's work.
    Watchdog(const Executor& executor, Timers& timers, Milliseconds limit, std::function<void()> act);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    void feed();
    bool acted() const;

  private:
    struct State;
    static Task<> watch(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;  // the watching coroutine holds it too
};

}  // namespace tributary::run

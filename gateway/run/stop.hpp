// GracefulStop: one request to stop, many parts that finish what they hold. The first signal asks, the second one cuts
// off.
//
// Order: request() -> parts see token() and take no new work -> drained() returns when all have left, at the deadline,
// or on a hard stop. Safe from any thread.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/run/timers.hpp"

namespace tributary::run {

class GracefulStop {
  public:
    GracefulStop();
    ~GracefulStop();
    GracefulStop(const GracefulStop&) = delete;
    GracefulStop& operator=(const GracefulStop&) = delete;

    // From now on SIGTERM and SIGINT request a stop; a second one makes it hard. SIGPIPE is ignored, as TLS libraries
    // write to sockets that the peer has closed. REQUIRES: `loop` outlives this object.
    void watch_signals(Loop& loop);

    void request();
    // Parts still at work are given up: drained() returns at once.
    void request_hard();

    // Requested: start nothing new, finish what is begun.
    std::stop_token token() const;
    // Requested: drop what is in flight; every durable step can be replayed.
    std::stop_token hard_token() const;

    // Held by a part while it has work in flight; may outlive the GracefulStop.
    class Part {
      public:
        Part() = default;
        Part(Part&&) = default;
        Part& operator=(Part&&) = default;

      private:
        friend class GracefulStop;
        struct Seat;
        std::shared_ptr<Seat> seat_;
    };
    Part join(std::string name);
    // Starts a part that nobody awaits: it is there until `task` has ended.
    void spawn(Executor executor, std::string name, Task<> task);
    // No part is there.
    bool idle() const;

    // Waits for the parts after a request. Returns the names of those still there: empty is a clean stop.
    Task<std::vector<std::string>> drained(Timers& timers, Milliseconds deadline);
    // Waits for the first request.
    Task<> requested();

  private:
    struct State;
    std::shared_ptr<State> state_;  // parts and waiting coroutines hold it too
};

}  // namespace tributary::run

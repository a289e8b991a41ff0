// Calls: how a native connector reaches its library: on a thread of its own, or in a process of its own. Both answer
// the same questions in the same words.
//
// Threads: called on the connection's loop. One call at a time reaches the library; others wait for their turn.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/base/log.hpp"
#include "gateway/connector/native/native_rule.hpp"
#include "gateway/connector/native/protocol.hpp"
#include "gateway/run/task.hpp"
#include "gateway/run/timers.hpp"

namespace tributary::connector::native {

class Calls {
  public:
    virtual ~Calls() = default;
    // The answer's JSON. A call that did not end in an answer is transient, and ambiguous once it has begun.
    virtual run::Task<Answer<std::string>> call(std::string operation, std::string request) = 0;
    // The next call makes a new instance first, with the credentials as they are then.
    virtual void reopen() = 0;
};

// What a library is opened with, made anew each time: a rotated credential is used at once.
using OpenRequest = std::function<Result<std::string>()>;

struct CallSetup {
    std::filesystem::path library;
    Milliseconds limit;
    std::string connection;
    OpenRequest open;
    run::Timers& timers;  // these two outlive the calls
    Log& log;
};

// Waits for its turn, first come, first served. On one loop.
class Turns {
  public:
    explicit Turns(run::Timers& timers) : timers_(timers) {}
    // Held by who has the turn.
    class Turn {
      public:
        explicit Turn(Turns& turns) : turns_(&turns) {}
        Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (turns_) turns_->next();
        }

      private:
        Turns* turns_;
    };
    run::Task<Turn> wait();

  private:
    void next();
    run::Timers& timers_;
    bool taken_ = false;
    std::deque<std::shared_ptr<std::stop_source>> waiting_;
};

// One line of a plug-in's log.
void write_log(Log& log, std::string_view connection, int level, std::string_view message);

// On a thread in the gateway. bad_config: as Library::load.
Result<std::unique_ptr<Calls>> calls_on_thread(CallSetup setup);
// In a process that `host` starts: a command that ends in a call of serve_plugin (plugin_host.hpp); the library's path
// is added to it.
std::unique_ptr<Calls> calls_in_process(CallSetup setup, std::vector<std::string> host);

}  // namespace tributary::connector::native

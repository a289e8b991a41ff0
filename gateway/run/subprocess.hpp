// Subprocess: another program, run beside us, with pipes for its input, output and errors.
//
// It leads a process group of its own, which is killed as a whole: at stop(), when the object goes, and what is left of
// it when its leader ends. It inherits the three pipes and the files given to it, nothing else: no other descriptor, no
// environment but the one named, no ignored signal. Never a shell.
//
// Threads: all calls on one loop. Lifetime: a coroutine that awaits one of its calls holds the shared_ptr.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/run/memory_file.hpp"
#include "gateway/run/task.hpp"

namespace tributary::run {

struct Program {
    std::vector<std::string> command;  // a name is looked for in PATH, what holds a '/' is a path below `directory`
    std::vector<std::pair<std::string, std::string>> environment;  // all of it
    std::filesystem::path directory;                               // where it starts; empty: where we are
    // The child reads them as /dev/fd/3, /dev/fd/4 and so on, in this order.
    std::vector<MemoryFile> files;
};

// PATH, HOME, LANG, LC_ALL, TMPDIR and TZ as ours are: what a program needs to run at all, and no secret of ours.
std::vector<std::pair<std::string, std::string>> plain_environment();

// How a program ended: by exit(code), or by a signal.
struct Exit {
    int code = 0;    // when signal is 0
    int signal = 0;  // 0: it ended by itself
    bool good() const { return code == 0 && signal == 0; }
    std::string text() const;  // "exit code 1", "signal 9"
};

class Subprocess : public std::enable_shared_from_this<Subprocess> {
  public:
    // bad_config: it is not there or may not be run. transient: no process or descriptor is to be had.
    // REQUIRES: the executor is the caller's loop, which outlives the object.
    static Result<std::shared_ptr<Subprocess>> start(const Executor& executor, const Program& program);
    ~Subprocess();
    Subprocess(const Subprocess&) = delete;
    Subprocess& operator=(const Subprocess&) = delete;

    // What it has written since the last call; empty: it closed the pipe, or stop() was called.
    Task<std::string> read_output();
    Task<std::string> read_errors();
    // False: it does not read any more.
    Task<bool> write(std::string_view bytes);
    void close_input();
    // Waits until it has ended and tells how; what is left of its group is killed.
    Task<Exit> wait();

    // Kills the group. Pending reads end, wait() returns. May be called at any time, twice too.
    void kill();
    // Kills, waits for the end and closes the pipes. Short: the kernel needs no consent of the program.
    void stop();

  private:
    struct Parts;
    explicit Subprocess(std::unique_ptr<Parts> parts);
    void reap(bool block);
    std::unique_ptr<Parts> parts_;
};

}  // namespace tributary::run

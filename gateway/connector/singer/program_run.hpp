// ProgramRun: a tap or a target while it runs: lines in, lines out, its errors counted, killed when it is silent for
// too long.
//
// The configuration, with credentials in it, is handed over as a file in memory (/dev/fd/3): it stands on no command
// line, in no environment, on no disk. Threads: one loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/log.hpp"
#include "gateway/connector/singer/errors_seen.hpp"
#include "gateway/run/subprocess.hpp"
#include "gateway/run/timers.hpp"
#include "gateway/run/watchdog.hpp"
#include "gateway/value/lines.hpp"

namespace tributary::connector::singer {

struct ProgramSettings {
    std::vector<std::string> command;
    std::vector<std::pair<std::string, std::string>> environment;  // added to the plain one
    std::filesystem::path directory;
    Milliseconds silent_for = std::chrono::minutes{5};
    std::size_t max_line = 16UL << 20;
};

// An option with the content of the file that it names: {"--config", "{...}"}.
struct FileOption {
    std::string name;
    std::string content;
};

class ProgramRun {
  public:
    // `what` is "tap" or "target". REQUIRES: everything referred to outlives the run.
    static Result<std::unique_ptr<ProgramRun>> start(const run::Executor& executor, const ProgramSettings& settings,
                                                     const std::vector<FileOption>& files,
                                                     const std::vector<std::string>& flags, std::string what,
                                                     run::Timers& timers);
    ~ProgramRun();
    ProgramRun(const ProgramRun&) = delete;
    ProgramRun& operator=(const ProgramRun&) = delete;

    // The next line of its output; nullopt: it ended well. transient: it failed, hung or died; bad_config: it cannot be
    // started as configured; bad_input: a line is longer than allowed (the run is over then).
    run::Task<Result<std::optional<std::string>>> next();
    // False: it takes no more.
    run::Task<bool> write(std::string_view bytes);
    void close_input() { process_->close_input(); }
    const ErrorsSeen& errors_seen() const { return *errors_; }

  private:
    ProgramRun(std::shared_ptr<run::Subprocess> process, const run::Executor& executor, const ProgramSettings& settings,
               std::string what, run::Timers& timers);
    Error ended_badly(const run::Exit& exit) const;

    std::shared_ptr<run::Subprocess> process_;
    std::shared_ptr<ErrorsSeen> errors_;  // the coroutine that reads them holds it too
    std::string what_;
    Milliseconds silent_for_;
    value::LineReader lines_;
    run::Watchdog watchdog_;
};

}  // namespace tributary::connector::singer

#include "gateway/connector/singer/program_run.hpp"

#include <fmt/format.h>

#include "gateway/base/duration.hpp"

namespace tributary::connector::singer {
namespace {

run::Task<> count_errors(std::shared_ptr<run::Subprocess> process, std::shared_ptr<ErrorsSeen> seen) {
    for (;;) {
        const auto chunk = co_await process->read_errors();
        if (chunk.empty()) co_return;
        seen->feed(chunk);
    }
}

}  // namespace

Result<std::unique_ptr<ProgramRun>> ProgramRun::start(const run::Executor& executor, const ProgramSettings& settings,
                                                      const std::vector<FileOption>& files,
                                                      const std::vector<std::string>& flags, std::string what,
                                                      run::Timers& timers) {
    run::Program program{
        .command = settings.command, .environment = run::plain_environment(), .directory = settings.directory};
    program.command.insert(program.command.end(), flags.begin(), flags.end());
    for (const auto& file : files) {
        TRY(auto memory, run::MemoryFile::make(file.content));
        program.command.push_back(file.name);
        program.command.push_back(fmt::format("/dev/fd/{}", 3 + program.files.size()));
        program.files.push_back(std::move(memory));
    }
    // Later wins: exec takes the first of two of one name, so what we set must not come twice.
    for (const auto& [name, value] : settings.environment) {
        std::erase_if(program.environment, [&](const auto& one) { return one.first == name; });
        program.environment.emplace_back(name, value);
    }
    // Python holds back what it prints into a pipe until 8 KB are full.
    program.environment.emplace_back("PYTHONUNBUFFERED", "1");
    auto process = run::Subprocess::start(executor, program);
    if (!process) return pass(std::move(process), what);
    return std::unique_ptr<ProgramRun>(
        new ProgramRun(*std::move(process), executor, settings, std::move(what), timers));
}

ProgramRun::ProgramRun(std::shared_ptr<run::Subprocess> process, const run::Executor& executor,
                       const ProgramSettings& settings, std::string what, run::Timers& timers)
    : process_(std::move(process)),
      errors_(std::make_shared<ErrorsSeen>()),
      what_(std::move(what)),
      silent_for_(settings.silent_for),
      lines_(settings.max_line),
      watchdog_(executor, timers, settings.silent_for, [child = process_] { child->kill(); }) {
    run::spawn(executor, count_errors(process_, errors_));
}

ProgramRun::~ProgramRun() {
    process_->stop();
}

run::Task<bool> ProgramRun::write(std::string_view bytes) {
    watchdog_.feed();
    co_return co_await process_->write(bytes);
}

run::Task<Result<std::optional<std::string>>> ProgramRun::next() {
    watchdog_.feed();
    for (;;) {
        if (const auto line = lines_.next()) {
            if (line->too_long) {
                process_->stop();
                co_return fail(Fault::bad_input, fmt::format("line {} is longer than max_line", line->number), what_);
            }
            if (!line->text.empty()) co_return std::optional(std::string(line->text));
            continue;
        }
        const auto chunk = co_await process_->read_output();
        watchdog_.feed();
        if (chunk.empty()) break;
        lines_.feed(chunk);
    }
    // What has no line end was cut off, or is the last line of a program that ends without one; its exit tells which.
    const auto exit = co_await process_->wait();
    if (watchdog_.acted())
        co_return fail(Fault::transient,
                       fmt::format("it was silent for {} s and was killed",
                                   std::chrono::duration_cast<std::chrono::seconds>(silent_for_).count()),
                       what_);
    if (!exit.good()) co_return fail(ended_badly(exit));
    if (const auto line = lines_.finish(); line && !line->text.empty() && !line->too_long)
        co_return std::optional(std::string(line->text));
    co_return std::optional<std::string>();
}

Error ProgramRun::ended_badly(const run::Exit& exit) const {
    // 2 is what Python's argument parser says to an option it does not know; 126 and 127 come from a wrapping shell.
    const bool setup = exit.signal == 0 && (exit.code == 2 || exit.code == 126 || exit.code == 127);
    return {setup ? Fault::bad_config : Fault::transient,
            fmt::format("it ended with {}{}; run it by hand with the same configuration to see why", exit.text(),
                        errors_->text()),
            what_};
}

}  // namespace tributary::connector::singer

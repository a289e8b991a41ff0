#include "gateway/run/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
extern "C" {  // glibc 2.36 forgot it
#include <sys/pidfd.h>
}
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <tuple>

namespace tributary::run {

namespace asio = boost::asio;
using Stream = asio::posix::stream_descriptor;

namespace {

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
// Above every number that a child's descriptor gets, so that putting one in place never closes another.
constexpr int kHigh = 100;

class Descriptor {
  public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    int number() const { return number_; }
    int release() { return std::exchange(number_, -1); }

  private:
    int number_;
};

std::unexpected<Error> lacking(int code) {
    return fail(Fault::transient, "no pipe or process is to be had: " + std::generic_category().message(code));
}

Result<Descriptor> high(int number) {
    Descriptor out(::fcntl(number, F_DUPFD_CLOEXEC, kHigh));
    if (out.number() < 0) return lacking(errno);
    return out;
}

struct Pipe {
    Descriptor read, write;

    static Result<Pipe> make() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return lacking(errno);
        Descriptor from(ends[0]), to(ends[1]);
        TRY(auto high_from, high(from.number()));
        TRY(auto high_to, high(to.number()));
        return Pipe{std::move(high_from), std::move(high_to)};
    }
};

// posix_spawn's two lists, which must be destroyed.
struct Spawn {
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};

    Spawn() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    ~Spawn() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    Spawn(const Spawn&) = delete;
    Spawn& operator=(const Spawn&) = delete;
    void put(int ours, int theirs) { posix_spawn_file_actions_adddup2(&actions, ours, theirs); }
};

Task<std::string> read_some(Stream& stream) {
    std::string out(64 << 10, '\0');
    if (!stream.is_open()) co_return std::string();
    auto [error, size] = co_await stream.async_read_some(asio::buffer(out), kResult);
    out.resize(error ? 0 : size);
    co_return out;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> plain_environment() {
    std::vector<std::pair<std::string, std::string>> out;
    for (const char* name : {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ"})
        if (const char* value = std::getenv(name)) out.emplace_back(name, value);
    return out;
}

std::string Exit::text() const {
    return signal ? fmt::format("signal {}", signal) : fmt::format("exit code {}", code);
}

struct Subprocess::Parts {
    Parts(const Executor& executor, int input_, int output_, int errors_, int process_)
        : input(executor, input_), output(executor, output_), errors(executor, errors_), process(executor, process_) {}
    pid_t pid = 0;
    Stream input, output, errors;
    Stream process;  // a pidfd: readable once the program has ended
    std::optional<Exit> exit;
};

Subprocess::Subprocess(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Subprocess::~Subprocess() {
    stop();
}

Result<std::shared_ptr<Subprocess>> Subprocess::start(const Executor& executor, const Program& program) {
    if (program.command.empty()) return fail(Fault::bad_config, "a command is needed: the program and its arguments");
    // A program that ends early is an error of the write to it, never the end of this process.
    std::signal(SIGPIPE, SIG_IGN);
    TRY(auto input, Pipe::make());
    TRY(auto output, Pipe::make());
    TRY(auto errors, Pipe::make());
    Spawn spawn;
    spawn.put(input.read.number(), 0);
    spawn.put(output.write.number(), 1);
    spawn.put(errors.write.number(), 2);
    std::vector<Descriptor> files;
    for (const auto& file : program.files) {
        TRY(auto copy, high(file.descriptor()));
        spawn.put(copy.number(), static_cast<int>(3 + files.size()));
        files.push_back(std::move(copy));
    }
    posix_spawn_file_actions_addclosefrom_np(&spawn.actions, static_cast<int>(3 + files.size()));
    if (!program.directory.empty()) posix_spawn_file_actions_addchdir_np(&spawn.actions, program.directory.c_str());

    std::vector<std::string> words = program.command, variables;
    for (const auto& [name, value] : program.environment) variables.push_back(fmt::format("{}={}", name, value));
    std::vector<char*> arguments, environment;
    for (auto& word : words) arguments.push_back(word.data());
    for (auto& variable : variables) environment.push_back(variable.data());
    arguments.push_back(nullptr);
    environment.push_back(nullptr);

    pid_t pid = 0;
    if (const int code = ::posix_spawnp(&pid, words.front().c_str(), &spawn.actions, &spawn.attributes,
                                        arguments.data(), environment.data())) {
        if (code == EAGAIN || code == ENOMEM || code == EMFILE || code == ENFILE) return lacking(code);
        return fail(Fault::bad_config,
                    fmt::format("{} cannot be run: {}", words.front(), std::generic_category().message(code)));
    }
    Descriptor process(::pidfd_open(pid, 0));
    if (process.number() < 0) {
        const int code = errno;
        ::kill(-pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        return lacking(code);
    }
    auto parts = std::make_unique<Parts>(executor, input.write.release(), output.read.release(), errors.read.release(),
                                         process.release());
    parts->pid = pid;
    return std::shared_ptr<Subprocess>(new Subprocess(std::move(parts)));
}

Task<std::string> Subprocess::read_output() {
    auto self = shared_from_this();
    co_return co_await read_some(parts_->output);
}

Task<std::string> Subprocess::read_errors() {
    auto self = shared_from_this();
    co_return co_await read_some(parts_->errors);
}

Task<bool> Subprocess::write(std::string_view bytes) {
    auto self = shared_from_this();
    if (!parts_->input.is_open()) co_return false;
    auto [error, size] = co_await asio::async_write(parts_->input, asio::buffer(bytes), kResult);
    co_return !error;
}

void Subprocess::close_input() {
    boost::system::error_code ignored;  // it is gone either way
    std::ignore = parts_->input.close(ignored);
}

Task<Exit> Subprocess::wait() {
    auto self = shared_from_this();
    if (!parts_->exit && parts_->process.is_open())
        std::ignore = co_await parts_->process.async_wait(Stream::wait_read, kResult);
    reap(false);
    co_return parts_->exit.value_or(Exit{.signal = SIGKILL});
}

void Subprocess::reap(bool block) {
    if (parts_->exit) return;
    // Left as a zombie until its group is dead, so that its number names nobody else meanwhile.
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(parts_->pid), &info, WEXITED | WNOWAIT | (block ? 0 : WNOHANG)) != 0)
        if (errno != EINTR) return;
    if (info.si_pid == 0) return;
    ::kill(-parts_->pid, SIGKILL);
    int status = 0;
    while (::waitpid(parts_->pid, &status, 0) < 0 && errno == EINTR) {
    }
    parts_->exit = WIFSIGNALED(status) ? Exit{.code = 0, .signal = WTERMSIG(status)}
                                       : Exit{.code = WEXITSTATUS(status), .signal = 0};
}

void Subprocess::kill() {
    if (!parts_->exit) ::kill(-parts_->pid, SIGKILL);
}

void Subprocess::stop() {
    kill();
    reap(true);
    boost::system::error_code ignored;
    for (auto* stream : {&parts_->input, &parts_->output, &parts_->errors, &parts_->process})
        if (stream->is_open()) std::ignore = stream->close(ignored);
}

}  // namespace tributary::run

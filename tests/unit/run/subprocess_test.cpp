#include "gateway/run/subprocess.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>

#include "gateway/run/timers.hpp"
#include "gateway/run/watchdog.hpp"

using namespace tributary;
using namespace tributary::run;
using namespace std::chrono_literals;

namespace {

Program shell(std::string script) {
    return {.command = {"/bin/sh", "-c", std::move(script)},
            .environment = plain_environment(),
            .directory = {},
            .files = {}};
}

std::shared_ptr<Subprocess> started(Loop& loop, const Program& program) {
    auto process = Subprocess::start(loop.executor(), program);
    if (!process) FAIL(process.error().text());
    return *std::move(process);
}

Task<std::string> everything(std::shared_ptr<Subprocess> process) {
    std::string out;
    for (;;) {
        const auto chunk = co_await process->read_output();
        if (chunk.empty()) co_return out;
        out += chunk;
    }
}

Task<std::string> echo(std::shared_ptr<Subprocess> process, std::string text) {
    std::ignore = co_await process->write(text);
    process->close_input();
    co_return co_await everything(process);
}

std::string output_of(Loop& loop, const Program& program) {
    return run_blocking(loop, everything(started(loop, program)));
}

bool alive(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

}  // namespace

TEST_CASE("a program reads what is written to it and its end is known", "[subprocess]") {
    Loop loop("test");
    auto process = started(loop, shell("tr a-z A-Z; exit 3"));
    CHECK(run_blocking(loop, echo(process, "anna\n")) == "ANNA\n");
    const auto exit = run_blocking(loop, process->wait());
    CHECK(exit.code == 3);
    CHECK(exit.text() == "exit code 3");
    CHECK_FALSE(run_blocking(loop, process->write("more")));
}

TEST_CASE("a program inherits the named environment and files and nothing else", "[subprocess]") {
    Loop loop("test");
    const int leak = ::open("/dev/null", O_RDONLY);  // not close-on-exec, as a careless library would do it
    Program program = shell("cat /dev/fd/3; echo $SECRET-$GIVEN; ls /proc/self/fd | wc -l");
    ::setenv("SECRET", "hidden", 1);
    program.environment.emplace_back("GIVEN", "seen");
    program.files.push_back(std::move(MemoryFile::make("from memory\n").value()));
    const auto out = output_of(loop, program);
    // 0 1 2 3, and the folder that ls itself has open.
    CHECK(out == "from memory\n-seen\n5\n");
    ::unsetenv("SECRET");
    ::close(leak);
}

TEST_CASE("a program that cannot be run is a mistake of the configuration", "[subprocess]") {
    Loop loop("test");
    const auto missing = Subprocess::start(loop.executor(), {.command = {"/no/such/program"}});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().fault == Fault::bad_config);
    CHECK(missing.error().what == "/no/such/program cannot be run: No such file or directory");
    CHECK_FALSE(Subprocess::start(loop.executor(), {}));
}

TEST_CASE("the whole group is killed, by stop() and behind a leader that ended", "[subprocess]") {
    Loop loop("test");
    auto process = started(loop, shell("sleep 1000 & echo $!; wait"));
    const auto child = static_cast<pid_t>(std::stoi(run_blocking(loop, process->read_output())));
    CHECK(alive(child));
    process->stop();
    CHECK(run_blocking(loop, process->wait()).signal == SIGKILL);
    for (int i = 0; i < 500 && alive(child); ++i) ::usleep(10000);
    CHECK_FALSE(alive(child));

    auto orphaning = started(loop, shell("sleep 1000 >/dev/null 2>&1 & echo $!"));
    const auto orphan = static_cast<pid_t>(std::stoi(run_blocking(loop, everything(orphaning))));
    CHECK(run_blocking(loop, orphaning->wait()).good());
    for (int i = 0; i < 500 && alive(orphan); ++i) ::usleep(10000);
    CHECK_FALSE(alive(orphan));
}

TEST_CASE("a program that does not read is no obstacle to its end", "[subprocess]") {
    Loop loop("test");
    auto process = started(loop, shell("exit 0"));
    CHECK(run_blocking(loop, process->wait()).good());
    CHECK_FALSE(run_blocking(loop, process->write(std::string(1 << 20, 'x'))));
}

TEST_CASE("a watchdog acts when nobody feeds it, once", "[subprocess]") {
    Loop loop("test");
    FakeClock clock;
    FakeTimers timers(clock);
    int acted = 0;
    Watchdog dog(loop.executor(), timers, 10s, [&] { ++acted; });
    loop.run_ready();
    timers.advance(8s);
    dog.feed();
    loop.run_ready();
    timers.advance(8s);
    loop.run_ready();
    CHECK(acted == 0);
    CHECK_FALSE(dog.acted());
    timers.advance(3s);
    loop.run_ready();
    timers.advance(60s);
    loop.run_ready();
    CHECK(acted == 1);
    CHECK(dog.acted());
    {
        Watchdog gone(loop.executor(), timers, 10s, [&] { ++acted; });
        loop.run_ready();
    }
    timers.advance(60s);
    loop.run_ready();
    CHECK(acted == 1);
}

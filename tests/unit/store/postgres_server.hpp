// A PostgreSQL server of this test program alone, in a directory of its own, on a socket there and on no port. Started
// at the first use, gone with the program, also when that is killed. It needs initdb and postgres, which ./dev setup
// installs; the machine's own server is never touched. What it keeps need not survive the machine, so it does not sync.
#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <thread>
#include <vector>

#include "tests/unit/store/temporary_directory.hpp"

namespace tributary::contract {

class PostgresServer {
  public:
    static PostgresServer& get() {
        static PostgresServer server;
        return server;
    }
    // A connection string for a schema that nobody has used before.
    std::string fresh_dsn() {
        const auto name = "s" + std::to_string(++schemas_);
        const auto dsn = "host=" + path() + " user=tributary dbname=postgres options='-c search_path=" + name + "'";
        sql(dsn, "CREATE SCHEMA " + name);
        return dsn;
    }
    void sql(const std::string& dsn, const std::string& text) {
        REQUIRE(run("psql", {"-qX", "-v", "ON_ERROR_STOP=1", "-d", dsn, "-c", text}) == 0);
    }
    std::string path() const { return directory_.path().string(); }
    // Ends all sessions at once, as a crash of the server does, and goes on.
    void restart() {
        end(SIGQUIT);
        start();
    }

  private:
    PostgresServer() {
        for (const auto& entry : {std::string("/usr/lib/postgresql")})
            if (std::filesystem::is_directory(entry))
                for (const auto& version : std::filesystem::directory_iterator(entry))
                    if (std::filesystem::exists(version.path() / "bin/initdb")) programs_ = version.path() / "bin";
        if (programs_.empty()) FAIL("PostgreSQL's initdb is not there: ./dev setup installs it");
        // The server refuses to run as root.
        if (::geteuid() == 0) REQUIRE(::chown(path().c_str(), kNobody, kNobody) == 0);
        REQUIRE(run("initdb",
                    {"-D", data(), "-U", "tributary", "--encoding=UTF8", "--locale=C", "--auth=trust", "-N"}) == 0);
        start();
    }
    ~PostgresServer() { end(SIGQUIT); }

    void start() {
        server_ = spawn("postgres", {"-D", data(), "-k", path(), "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                                     "full_page_writes=off", "-c", "shared_buffers=32MB", "-c", "max_connections=60"});
        for (int tries = 0; tries < 300; ++tries) {
            if (run("pg_isready", {"-q", "-h", path(), "-U", "tributary", "-d", "postgres"}) == 0) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        FAIL("the server does not start: see " + path() + "/log");
    }
    void end(int signal) {
        if (server_ <= 0) return;
        ::kill(server_, signal);
        ::waitpid(server_, nullptr, 0);
        server_ = 0;
    }

    std::string data() const { return path() + "/data"; }
    pid_t spawn(const std::string& program, const std::vector<std::string>& arguments) const {
        const auto file = (programs_ / program).string(), log = path() + "/log";
        std::vector<const char*> words{file.c_str()};
        for (const auto& one : arguments) words.push_back(one.c_str());
        words.push_back(nullptr);
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child > 0) return child;
        if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(126);
        ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
        ::setenv("LC_ALL", "C", 1);
        if (::chdir(path().c_str()) != 0) ::_exit(126);
        const int kept = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (kept < 0 || ::dup2(kept, 1) < 0 || ::dup2(kept, 2) < 0) ::_exit(126);
        ::execv(file.c_str(), const_cast<char* const*>(words.data()));
        ::_exit(127);
    }
    int run(const std::string& program, const std::vector<std::string>& arguments) const {
        int status = -1;
        ::waitpid(spawn(program, arguments), &status, 0);
        return status;
    }

    static constexpr uid_t kNobody = 65534;
    TemporaryDirectory directory_;
    std::filesystem::path programs_;
    pid_t server_ = 0;
    int schemas_ = 0;
};

}  // namespace tributary::contract

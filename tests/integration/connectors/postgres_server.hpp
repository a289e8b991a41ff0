// A PostgreSQL server of its own in a temporary directory, reached through a Unix socket alone.
#pragma once

#include <unistd.h>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace tributary::test {

// Where initdb and pg_ctl are; nullopt when the server is not installed.
inline std::optional<std::filesystem::path> postgres_binaries() {
    const std::filesystem::path root = "/usr/lib/postgresql";
    std::error_code none;
    for (const auto& version : std::filesystem::directory_iterator(root, none)) {
        if (std::filesystem::exists(version.path() / "bin/initdb")) return version.path() / "bin";
    }
    return std::nullopt;
}

class PostgresServer {
  public:
    explicit PostgresServer(std::filesystem::path binaries) : binaries_(std::move(binaries)) {
        std::string name = (std::filesystem::temp_directory_path() / "tributary-pg-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()));
        directory_ = name;
        // The server refuses to run as root.
        if (::geteuid() == 0) REQUIRE(std::system(("chown postgres " + name).c_str()) == 0);
        REQUIRE(run("initdb", "-A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync"));
        start();
    }
    ~PostgresServer() {
        stop();
        std::filesystem::remove_all(directory_);
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    std::string dsn() const { return "host=" + directory_.string() + " user=postgres dbname=postgres"; }
    void start() {
        REQUIRE(run("pg_ctl", "-w -o \"-k " + directory_.string() + " -c listen_addresses='' -c fsync=off\" -l " +
                                  (directory_ / "log").string() + " start"));
    }
    void stop() { run("pg_ctl", "-w -m immediate stop"); }

  private:
    bool run(const std::string& program, const std::string& arguments) const {
        const std::string as = ::geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";
        const auto command =
            as + (binaries_ / program).string() + " -D " + (directory_ / "data").string() + " " + arguments;
        return std::system(("cd / && " + command + " >/dev/null 2>&1").c_str()) == 0;
    }

    std::filesystem::path binaries_, directory_;
};

}  // namespace tributary::test

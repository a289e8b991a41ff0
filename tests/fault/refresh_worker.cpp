// refresh_worker: one of several processes that share a vault and its grants, for the test of the refresh protocol.
//
//   refresh_worker DIRECTORY init            makes keys, database and an empty secret
//   refresh_worker DIRECTORY work FILE.yaml  reads commands, a line each, with FILE a connector's definition:
//     go            calls `check` of the definition; answers "ok" or "error FAULT TEXT"
//     shift MS      moves its wall clock, while a call runs too
//     seed TOKEN    sets the secret's refresh_token, as an operator does
//     login URI     begins a login in a browser that comes back to URI; answers "url URL"
//     came ADDRESS  ends it; answers "logged in" or "error ..."
//     device        logs in by device code; answers "page URL", then as `came`
//     state         answers "state PHASE VERSION"
//   With a third argument "unguarded" every lease is granted: the guard is broken on purpose.
//
// A gateway owns its store alone, by a lock file; here eight processes have the same database open, through the real
// tables, vault and connector. Nothing empties the write-ahead log while they run, which is what SQLite before 3.51.3
// asks of several writers.
//
// It kills itself with SIGKILL at the step that stands in DIRECTORY/kill, once: whoever removes the file dies.
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>

#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/declarative_login.hpp"
#include "gateway/net/curl_client.hpp"
#include "gateway/spec/load.hpp"
#include "gateway/store/sql/session_tables.hpp"
#include "gateway/store/sqlite/migrate.hpp"
#include "gateway/store/sqlite/startup.hpp"
#include "gateway/store/vault_stores.hpp"
#include "gateway/vault/master.hpp"

using namespace tributary;

namespace {

namespace fs = std::filesystem;

template <class T>
T must(Result<T> result) {
    if (!result) {
        std::cerr << "refresh_worker: " << result.error().text() << std::endl;
        std::_Exit(2);
    }
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

class Killer {
  public:
    explicit Killer(fs::path file) : file_(std::move(file)) {}
    void step(std::string_view name) const {
        std::ifstream in(file_);
        std::string wanted;
        if (!(in >> wanted) || wanted != name) return;
        if (::unlink(file_.c_str()) == 0) ::kill(::getpid(), SIGKILL);
    }

  private:
    fs::path file_;
};

class ShiftedClock final : public Clock {
  public:
    Timestamp now() const override { return system_.now() + Milliseconds(by_.load()); }
    SteadyTime steady() const override { return system_.steady(); }
    void shift(Milliseconds by) { by_ += by.count(); }

  private:
    SystemClock system_;
    std::atomic<Milliseconds::rep> by_ = 0;
};

class ShiftedTimers final : public run::Timers {
  public:
    explicit ShiftedTimers(const Clock& clock) : clock_(clock) {}
    const Clock& clock() const override { return clock_; }
    run::Task<bool> sleep_until(SteadyTime at, std::stop_token stop) override {
        return system_.sleep_until(at, std::move(stop));
    }

  private:
    const Clock& clock_;
    run::SystemTimers system_;
};

// The tables of the engine over one connection, each write a transaction of its own.
class SharedStore final : public store::Store {
  public:
    explicit SharedStore(const fs::path& path)
        : connection_(must(store::SqliteConnection::open(path, store::SqliteConnection::Mode::read_write))),
          session_(*connection_, {}) {}
    Result<void> write(Write write) override {
        const std::lock_guard lock(mutex_);
        CHECK_OK(session_.begin());
        auto done = write(session_);
        if (!done) {
            session_.roll_back();
            return done;
        }
        return session_.commit();
    }
    Result<void> read(std::function<Result<void>(store::ReadSession&)> read) override {
        const std::lock_guard lock(mutex_);
        return read(session_);
    }
    void write_async(Write, Done done) override { done(fail(Fault::internal, "not here")); }
    void accept(store::InboxEntry, std::move_only_function<void(Result<store::Accepted>)> done) override {
        done(fail(Fault::internal, "not here"));
    }
    Result<void> settle_log() override { return {}; }
    void begin_bulk() override {}
    void end_bulk() override {}
    store::StoreHealth health() const override { return {}; }
    void stop() override {}

  private:
    std::mutex mutex_;
    std::unique_ptr<store::SqliteConnection> connection_;
    store::SqlSession session_;
};

// Dies between the steps of the protocol.
class FragileGrants final : public vault::GrantStore {
  public:
    FragileGrants(store::Store& store, const Killer& killer, bool guarded)
        : inner_(store), killer_(killer), guarded_(guarded) {}
    Result<std::optional<vault::GrantState>> find_grant(std::string_view name) override {
        return inner_.find_grant(name);
    }
    Result<std::vector<vault::GrantState>> list_grants() override { return inner_.list_grants(); }
    Result<std::optional<vault::GrantLease>> lease_grant(std::string_view name, std::uint64_t version,
                                                         const std::string& owner, Timestamp now,
                                                         Timestamp until) override {
        killer_.step("before_lease");
        // Broken: whoever holds it, its lease has run out.
        auto lease = inner_.lease_grant(name, version, owner, guarded_ ? now : now + std::chrono::hours(1000), until);
        if (lease && *lease) killer_.step("after_lease");
        return lease;
    }
    Result<void> mark_grant(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& mark,
                            Timestamp now) override {
        auto done = inner_.mark_grant(lease, guarded_ ? phase : vault::GrantPhase::idle, mark, now);
        killer_.step("after_intent");
        return done;
    }
    Result<void> release_grant(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& error,
                               Timestamp now) override {
        killer_.step("before_release");
        return inner_.release_grant(lease, phase, error, now);
    }
    Result<void> save_grant(const vault::GrantLease& lease, const vault::SealedSecret& secret, Timestamp now) override {
        killer_.step("before_save");
        auto done = inner_.save_grant(lease, secret, now);
        killer_.step("after_save");
        return done;
    }
    Result<void> replace_grant(std::string_view name, const vault::SealedSecret& secret, Timestamp now) override {
        return inner_.replace_grant(name, secret, now);
    }

  private:
    store::StoredGrants inner_;
    const Killer& killer_;
    bool guarded_;
};

class FragileHttp final : public net::HttpClient {
  public:
    FragileHttp(net::HttpClient& inner, const Killer& killer) : inner_(inner), killer_(killer) {}
    run::Task<net::HttpResult> send(net::HttpRequest request, const net::HttpOptions& options) override {
        const bool token = request.body.contains("grant_type=");
        if (token) killer_.step("before_call");
        auto result = co_await inner_.send(std::move(request), options);
        if (token) killer_.step("after_call");
        co_return result;
    }

  private:
    net::HttpClient& inner_;
    const Killer& killer_;
};

int init(const fs::path& directory) {
    fs::create_directories(directory);
    crypto::SystemRandom random;
    const SystemClock clock;
    must(vault::create_master_file(directory / "master.key", random));
    must(vault::KeyRing::create(directory / "key.ring", must(vault::Master::from_file(directory / "master.key")),
                                random, clock));
    must(store::create_file(directory / "grants.db"));
    const auto connection =
        must(store::SqliteConnection::open(directory / "grants.db", store::SqliteConnection::Mode::read_write));
    must(store::migrate(*connection, store::migrations()));
    return 0;
}

void tell(const std::string& line) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    std::cout << line << std::endl;
}

run::Task<> go(connector::Exchange& exchange, const connector::RequestTemplate& request) {
    auto answer = co_await exchange.call(request, exchange.scope(), {});
    if (answer)
        tell("ok");
    else
        tell("error " + std::string(name_of(answer.error().error.fault)) + " " + answer.error().error.text());
}

void tell_error(const Error& error) {
    tell("error " + std::string(name_of(error.fault)) + " " + error.text());
}

run::Task<> redeem(connector::DeclarativeLogin& login, connector::Redirected back, connector::BrowserLogin begun) {
    auto done = co_await login.redeem(std::move(back), std::move(begun));
    done ? tell(done->renewable ? "logged in" : "logged in for once") : tell_error(done.error());
}

run::Task<> log_in_by_device(connector::DeclarativeLogin& login) {
    auto begun = co_await login.begin_device();
    if (!begun) {
        tell_error(begun.error());
        co_return;
    }
    tell("page " + (begun->whole_page.empty() ? begun->page : begun->whole_page));
    auto done = co_await login.await_device(*std::move(begun));
    done ? tell(done->renewable ? "logged in" : "logged in for once") : tell_error(done.error());
}

int work(const fs::path& directory, const std::string& file, bool guarded) {
    spec::Problems problems;
    const auto definition = spec::load<connector::Definition>(file, problems);
    if (!definition || !definition->check) {
        std::cerr << problems.text() << "a definition with a check is needed\n";
        return 2;
    }
    const Killer killer(directory / "kill");
    ShiftedClock clock;
    ShiftedTimers timers(clock);
    crypto::SystemRandom random;
    Log log(LogLevel::error);
    const auto ring =
        must(vault::KeyRing::load(directory / "key.ring", must(vault::Master::from_file(directory / "master.key"))));
    SharedStore store(directory / "grants.db");
    store::StoredSecrets secrets(store);
    FragileGrants stored(store, killer, guarded);
    vault::Vault vault(secrets, ring, random, clock);
    vault::Grants grants(stored, vault, clock);
    run::Pool pool("blocking", 2);
    run::Loop loop("worker");
    net::CurlClient curl(loop);
    FragileHttp http(curl, killer);
    connector::Setup setup{.connection = "mail",
                           .grants = &grants,
                           .grant_name = "mail",
                           .http = http,
                           .timers = timers,
                           .blocking = pool,
                           .random = random,
                           .log = log};
    setup.credential = [&vault](std::string_view field) { return vault.get("mail", field); };
    setup.network.egress.networks.push_back(must(net::Network::parse("127.0.0.0/8")));
    connector::Exchange exchange(*definition, std::move(setup), nullptr);
    must(exchange.prepare());
    std::optional<connector::DeclarativeLogin> login;
    if (exchange.granted()) login.emplace(exchange);
    connector::BrowserLogin begun;
    loop.start();
    tell("ready");
    for (std::string line; std::getline(std::cin, line);) {
        const auto space = line.find(' ');
        const auto word = line.substr(0, space), rest = space == std::string::npos ? "" : line.substr(space + 1);
        if (word == "go") {
            vault.forget("mail");  // a minute is longer than a round
            loop.spawn(go(exchange, *definition->check));
        } else if (word == "shift") {
            clock.shift(Milliseconds(to_integer(rest).value_or(0)));
        } else if (word == "seed") {
            vault::SecretFields fields;
            fields.emplace("refresh_token", crypto::SecretBytes(rest));
            must(vault.update("mail", std::move(fields)));
            tell("seeded");
        } else if (word == "login" && login) {
            begun = must(login->begin_browser(rest));
            tell("url " + begun.url);
        } else if (word == "came" && login) {
            auto back = connector::read_redirect(rest, begun.state);
            back ? loop.spawn(redeem(*login, *std::move(back), begun)) : tell_error(back.error());
        } else if (word == "device" && login) {
            loop.spawn(log_in_by_device(*login));
        } else if (word == "state") {
            const auto state = must(grants.read("mail")).state;
            tell("state " + std::string(name_of(state.phase)) + " " + std::to_string(state.version));
        } else {
            std::cerr << "no such command: " << word << '\n';
            return 2;
        }
    }
    loop.stop();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::string_view(argv[2]) == "init") return init(argv[1]);
    if (argc >= 4 && std::string_view(argv[2]) == "work")
        return work(argv[1], argv[3], argc == 4 || std::string_view(argv[4]) != "unguarded");
    std::cerr << "usage: refresh_worker DIRECTORY init | work FILE.yaml [unguarded]\n";
    return 2;
}

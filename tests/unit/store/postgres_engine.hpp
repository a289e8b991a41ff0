// The PostgreSQL engine in a schema of its own.
#pragma once

#include "gateway/base/log.hpp"
#include "gateway/store/postgres/postgres_store.hpp"
#include "tests/contract/store/engine.hpp"
#include "tests/unit/store/postgres_server.hpp"

namespace tributary::contract {

class PostgresEngine : public Engine {
  public:
    explicit PostgresEngine(store::NamedStatements named = store::NamedStatements::automatic) {
        options.dsn = PostgresServer::get().fresh_dsn();
        options.named = named;
        options.own_clock = true;
    }
    std::unique_ptr<store::Store> open() override { return must(try_open()); }
    bool shared() const override { return true; }
    Result<std::unique_ptr<store::Store>> try_open() { return store::open_postgres(options, clock, random, log); }

    store::PostgresOptions options;
    FakeClock clock;  // stands at at(0)
    crypto::SystemRandom random;
    Log log{LogLevel::debug, Log::Target::memory};
};

// As behind a pooler that gives each transaction another session.
class PooledPostgresEngine final : public PostgresEngine {
  public:
    PooledPostgresEngine() : PostgresEngine(store::NamedStatements::never) {}
};

}  // namespace tributary::contract

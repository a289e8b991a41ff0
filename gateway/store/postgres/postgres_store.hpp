// Opens a Store in a PostgreSQL database. Several processes may have it open at once: each closure of write() is alone
// among all of them, accept() does not wait for closures, leases go by the server's clock, and what a process that died
// held is taken over when its leases ran out.
// Errors of opening: bad_config (the dsn, who we are, the server, a newer schema), transient (nobody answers).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/store/postgres/named_statements.hpp"
#include "gateway/store/store.hpp"

namespace tributary::store {

struct PostgresOptions {
    std::string dsn;  // of libpq; holds the password
    NamedStatements named = NamedStatements::automatic;
    std::size_t batch = 1024;     // writes in one commit, at most
    std::size_t queue = 100'000;  // writes that may wait; beyond it they are refused
    std::size_t readers = 4;      // idle read connections kept open
    std::uint64_t dead_letter_limit = 1'000'000;
    std::uint64_t dead_letter_alert = 100'000;
    bool own_clock = false;  // for tests: leases by `clock` and not by the server's
};

// What can be said of a dsn without a connection: bad_config when it cannot be read.
Result<void> check_dsn(const std::string& dsn);

// All outlive the store.
Result<std::unique_ptr<Store>> open_postgres(PostgresOptions options, const Clock& clock, crypto::Random& random,
                                             Log& log);

}  // namespace tributary::store

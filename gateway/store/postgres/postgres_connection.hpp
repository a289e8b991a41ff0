// PostgresConnection: the tables' connection on PostgreSQL. Every process has one that writes (writer) and one that
// takes webhooks in (acceptor); readers see snapshots.
//
// Writers of all processes take turns: a write transaction holds one advisory lock until its end, so closures may read,
// decide and write as if they were alone. Locks and settings are of the transaction, never of the session: a pooler may
// give each transaction another one. Acceptors do not wait for that lock; a unique index decides between them.
//
// A commit whose answer was lost is settled by the number of commits that each connection keeps in store_node, in the
// same transaction: once the lock could be taken again, the row tells the truth, on a promoted standby too.
#pragma once

#include <atomic>
#include <string>

#include "gateway/base/log.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/store/postgres/postgres_link.hpp"
#include "gateway/store/sql/connection.hpp"

namespace tributary::store {

struct PostgresPlace {
    std::string dsn;
    NamedStatements named = NamedStatements::automatic;
    // For tests that move the time by hand: leases by our clock and not by the server's.
    bool own_clock = false;
};

class PostgresConnection final : public Connection {
  public:
    enum class Role { writer, acceptor, reader };
    // `stopping` ends the wait for a server that does not come back. All references outlive it.
    PostgresConnection(const PostgresPlace& place, Role role, Uid node, const std::atomic<bool>& stopping,
                       const Clock& clock, Log& log);
    ~PostgresConnection() override;
    // Connects, and makes the row of this node.
    Result<void> open();
    // Of the database, for operators; nothing is written.
    Result<void> vacuum(const char* table);

    Result<std::unique_ptr<Prepared>> prepare(const char* sql) override;
    Result<void> begin_write() override { return begin(); }
    Result<void> begin_read() override { return begin(); }
    Result<void> commit() override;
    void roll_back() override;
    Result<void> mark() override { return script("SAVEPOINT mark"); }
    Result<void> leave_mark() override { return script("RELEASE SAVEPOINT mark"); }
    Result<void> roll_back_to_mark() override { return script("ROLLBACK TO SAVEPOINT mark; RELEASE SAVEPOINT mark"); }
    bool in_transaction() const override;
    bool failed() const override { return link_.transaction() == PQTRANS_INERROR; }
    bool broken() const override { return broken_; }
    bool away() const override { return away_; }
    std::uint64_t losses() const override { return losses_; }
    bool shared() const override { return true; }
    bool took_turn() override { return std::exchange(took_turn_, false); }
    std::string_view node() const override { return node_name_; }
    Milliseconds lease_clock() const override { return ahead_; }
    Result<void> bar_webhooks() override;

    PostgresLink& link() { return link_; }
    // This transaction changed rows.
    void note_change() { changed_ = true; }

  private:
    Result<void> begin();
    Result<void> begin_once();
    void note_loss(const std::string& what);
    Result<void> script(const std::string& sql);
    Result<void> learn_outcome(std::uint64_t number);
    Result<std::uint64_t> commits_kept();

    const PostgresPlace place_;
    const Role role_;
    const Uid node_;
    const std::string node_name_;
    const std::atomic<bool>& stopping_;
    const Clock& clock_;
    Log& log_;
    PostgresLink link_;
    std::string begin_;
    std::uint64_t commits_ = 0;
    Milliseconds ahead_{0};
    std::atomic<bool> away_ = false;
    std::uint64_t losses_ = 0;
    bool changed_ = false, took_turn_ = false, my_turn_ = false, broken_ = false;
};

}  // namespace tributary::store

#include "gateway/store/postgres/postgres_store.hpp"

#include <fmt/format.h>

#include "gateway/store/postgres/locks.hpp"
#include "gateway/store/postgres/postgres_connection.hpp"
#include "gateway/store/postgres/postgres_schema.hpp"
#include "gateway/store/sql/readers.hpp"
#include "gateway/store/sql/waiter.hpp"
#include "gateway/store/sql/writer.hpp"

namespace tributary::store {
namespace {

using Role = PostgresConnection::Role;

// The server writes its log and removes dead rows by itself. Where something has to be gone, its table is vacuumed;
// what lies in the server's log and in its backups is the operator's (docs/postgres.md).
class PostgresUpkeep final : public Upkeep {
  public:
    PostgresUpkeep(PostgresConnection& connection, Log& log) : connection_(connection), log_(log) {}
    Result<void> after_commit(bool) override { return {}; }
    Result<void> settle() override {
        for (const char* table : {"subject_key", "secret"}) {
            if (auto done = connection_.vacuum(table); !done) log_.warn("store.vacuum", {{"error", done.error().what}});
        }
        return {};
    }
    bool has_work() const override { return false; }

  private:
    PostgresConnection& connection_;
    Log& log_;
};

class NoUpkeep final : public Upkeep {
  public:
    Result<void> after_commit(bool) override { return {}; }
    Result<void> settle() override { return {}; }
    bool has_work() const override { return false; }
};

class PostgresStore final : public Store {
  public:
    PostgresStore(PostgresOptions options, Uid node, const Clock& clock, Log& log)
        : options_(std::move(options)), node_(node), clock_(clock), log_(log) {}
    ~PostgresStore() override { stop(); }

    Result<void> open(Uid acceptor) {
        auto writes = connection(Role::writer, node_), accepts = connection(Role::acceptor, acceptor);
        CHECK_OK(writes->link().connect());
        CHECK_OK(migrate_postgres(writes->link(), log_));
        TRY(const auto half, writes->link().script("SELECT 1 FROM store_import WHERE NOT finished"));
        if (PQntuples(half.get()) > 0)
            return fail(Fault::bad_config,
                        "a move into this database is not finished: run `tributary store migrate` again");
        // Whoever holds the lock of writers makes the days in its own next sweep.
        CHECK_OK(writes->link().script(fmt::format(
            "BEGIN; SELECT attempt_days_ahead() WHERE pg_try_advisory_xact_lock({}); COMMIT", kWriterLock)));
        // Nobody asks for the outcome of a commit that long ago.
        CHECK_OK(writes->link().script(
            "DELETE FROM store_node WHERE seen_at < (extract(epoch FROM clock_timestamp()) - 30 * 86400) * 1000"));
        CHECK_OK(writes->open());
        CHECK_OK(accepts->open());
        auto upkeep = std::make_unique<PostgresUpkeep>(*writes, log_);
        const WriterLimits limits{options_.batch, options_.queue};
        readers_ = std::make_unique<Readers>(
            [this]() -> Result<std::unique_ptr<Connection>> {
                auto reader = connection(Role::reader, node_);
                CHECK_OK(reader->open());
                return reader;
            },
            letters(), options_.readers);
        writer_ = std::make_unique<Writer>(std::move(writes), std::move(upkeep), letters(), limits, clock_, log_);
        acceptor_ =
            std::make_unique<Writer>(std::move(accepts), std::make_unique<NoUpkeep>(), letters(), limits, clock_, log_);
        return {};
    }

    Result<void> write(Write write) override {
        Waiter waiter;
        writer_->submit(std::move(write), [&waiter](Result<void> outcome) { waiter.tell(std::move(outcome)); });
        return waiter.wait();
    }
    void write_async(Write write, Done done) override { writer_->submit(std::move(write), std::move(done)); }
    // While the server is away one webhook at a time waits for it; the others need not.
    void accept(InboxEntry entry, AcceptDone done) override {
        if (acceptor_->knocking()) return done(fail(Fault::transient, "the database does not answer"));
        acceptor_->submit(std::move(entry), std::move(done));
    }

    Result<void> read(std::function<Result<void>(ReadSession&)> read) override {
        if (auto cause = writer_->poisoned()) return fail(*cause);
        bool broken = false;
        return readers_->read(read, broken);
    }

    Result<void> settle_log() override {
        Waiter waiter;
        writer_->settle_log([&waiter](Result<void> outcome) { waiter.tell(std::move(outcome)); });
        return waiter.wait();
    }
    void begin_bulk() override {}
    void end_bulk() override {}

    bool shared() const override { return true; }
    StoreHealth health() const override {
        StoreHealth health, webhooks;
        health.node = node_.text();
        writer_->health(health);
        acceptor_->health(webhooks);
        if (!health.poisoned && webhooks.poisoned) {
            health.poisoned = true;
            health.cause = webhooks.cause;
        }
        health.away = health.away || acceptor_->knocking();
        // Batches that are processed take long and hold up no webhook.
        health.webhook_p95 = webhooks.webhook_p95;
        health.queued += webhooks.queued;
        health.commits += webhooks.commits;
        health.writes += webhooks.writes;
        health.commit_p50 = std::max(health.commit_p50, webhooks.commit_p50);
        health.commit_p95 = std::max(health.commit_p95, webhooks.commit_p95);
        health.commit_p99 = std::max(health.commit_p99, webhooks.commit_p99);
        return health;
    }

    void stop() override {
        stopping_ = true;
        if (acceptor_) acceptor_->stop();
        if (writer_) writer_->stop();
    }

  private:
    std::unique_ptr<PostgresConnection> connection(Role role, Uid node) {
        return std::make_unique<PostgresConnection>(PostgresPlace{options_.dsn, options_.named, options_.own_clock},
                                                    role, node, stopping_, clock_, log_);
    }
    DeadLetterLimits letters() const { return {options_.dead_letter_limit, options_.dead_letter_alert}; }

    const PostgresOptions options_;
    const Uid node_;
    const Clock& clock_;
    Log& log_;
    std::atomic<bool> stopping_ = false;
    std::unique_ptr<Readers> readers_;
    std::unique_ptr<Writer> writer_, acceptor_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_postgres(PostgresOptions options, const Clock& clock, crypto::Random& random,
                                             Log& log) {
    auto store = std::make_unique<PostgresStore>(std::move(options), crypto::make_uid(clock, random), clock, log);
    auto opened = store->open(crypto::make_uid(clock, random));
    if (!opened) return pass(std::move(opened), "store on PostgreSQL");
    return store;
}

}  // namespace tributary::store

#include "gateway/store/sqlite/sqlite_store.hpp"

#include <fmt/format.h>

#include <mutex>
#include <thread>

#include "gateway/store/sql/readers.hpp"
#include "gateway/store/sql/waiter.hpp"
#include "gateway/store/sql/writer.hpp"
#include "gateway/store/sqlite/checkpointer.hpp"
#include "gateway/store/sqlite/lock_file.hpp"
#include "gateway/store/sqlite/log_check.hpp"
#include "gateway/store/sqlite/migrate.hpp"
#include "gateway/store/sqlite/startup.hpp"

namespace tributary::store {
namespace {

std::uint64_t size_of(const std::filesystem::path& path) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(path, missing);
    return missing ? 0 : size;
}

class SqliteStore final : public Store {
  public:
    SqliteStore(SqliteOptions options, LockFile lock, std::unique_ptr<SqliteConnection> connection,
                std::unique_ptr<Checkpointer> checkpointer, const Clock& clock, Log& log)
        : options_(std::move(options)),
          log_(log),
          lock_(std::move(lock)),
          readers_([path = options_.path] { return open_reader(path); }, limits(options_), options_.readers),
          writer_(std::move(connection), std::move(checkpointer), limits(options_), {options_.batch, options_.queue},
                  clock, log) {}

    ~SqliteStore() override { stop(); }

    Result<void> write(Write write) override {
        Waiter waiter;
        writer_.submit(std::move(write), [&waiter](Result<void> outcome) { waiter.tell(std::move(outcome)); });
        return waiter.wait();
    }
    void write_async(Write write, Done done) override { writer_.submit(std::move(write), std::move(done)); }
    void accept(InboxEntry entry, AcceptDone done) override { writer_.submit(std::move(entry), std::move(done)); }

    Result<void> read(std::function<Result<void>(ReadSession&)> read) override {
        if (auto cause = writer_.poisoned()) return fail(*cause);
        bool broken = false;
        auto outcome = readers_.read(read, broken);
        if (broken && !outcome) writer_.poison(outcome.error());
        return outcome;
    }

    Result<void> settle_log() override {
        using namespace std::chrono_literals;
        for (int tries = 0; tries < 100; ++tries) {
            Waiter waiter;
            writer_.settle_log([&waiter](Result<void> outcome) { waiter.tell(std::move(outcome)); });
            CHECK_OK(waiter.wait());
            if (size_of(options_.path.string() + "-wal") == 0) return {};
            std::this_thread::sleep_for(50ms);
        }
        return fail(Fault::transient, "somebody read the store all the time: its log could not be emptied, try again");
    }

    void begin_bulk() override { writer_.begin_bulk(); }
    void end_bulk() override { writer_.end_bulk(); }

    StoreHealth health() const override {
        StoreHealth health;
        writer_.health(health);
        health.database_bytes = size_of(options_.path);
        health.log_bytes = size_of(options_.path.string() + "-wal");
        return health;
    }

    void stop() override {
        const std::lock_guard lock(stopping_);
        writer_.stop();
        if (std::exchange(stopped_, true) || writer_.poisoned()) return;
        if (auto marked = lock_.mark_clean(); !marked) log_.error("store.lock_file", marked.error());
    }

  private:
    static Result<std::unique_ptr<Connection>> open_reader(const std::filesystem::path& path) {
        return SqliteConnection::open(path, SqliteConnection::Mode::read_only);
    }
    static DeadLetterLimits limits(const SqliteOptions& options) {
        return {options.dead_letter_limit, options.dead_letter_alert};
    }

    const SqliteOptions options_;
    Log& log_;
    LockFile lock_;  // given up last
    Readers readers_;
    Writer writer_;
    std::mutex stopping_;
    bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(SqliteOptions options, const Clock& clock, Log& log) {
    CHECK_OK(prepare_directory(options.path));
    TRY(auto lock, LockFile::acquire(options.path.string() + ".lock"));
    TRY(const bool existed, create_file(options.path));
    // Before the first connection, which drops what it cannot read.
    if (existed && lock.unclean()) {
        if (auto sound = check_log(options.path.string() + "-wal"); !sound) {
            log.error("store.damaged", sound.error());
            return pass(std::move(sound));
        }
    }
    TRY(auto connection, SqliteConnection::open(options.path, SqliteConnection::Mode::read_write));
    const auto place = "store " + options.path.string();
    if (existed && lock.unclean()) {
        if (auto sound = check_file(*connection, clock, log); !sound) return pass(std::move(sound), place);
    }
    if (auto done = migrate(*connection, migrations()); !done) return pass(std::move(done), place);
    if (options.max_pages > 0)
        CHECK_OK(connection->execute(fmt::format("PRAGMA max_page_count={}", options.max_pages).c_str()));
    if (auto done = reclaim(*connection, clock.now(), log); !done) return pass(std::move(done), place);
    connection->follow(clock, log);
    CHECK_OK(lock.mark_running());
    auto checkpointer = std::make_unique<Checkpointer>(*connection);
    return std::make_unique<SqliteStore>(std::move(options), std::move(lock), std::move(connection),
                                         std::move(checkpointer), clock, log);
}

}  // namespace tributary::store

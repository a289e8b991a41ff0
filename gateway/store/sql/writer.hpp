// Writer: the one thread that owns the only connection that writes. It drains whatever is queued into one transaction,
// each write behind its own rollback point, and tells the callers after the commit.
#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/store/sql/commit_times.hpp"
#include "gateway/store/sql/session_tables.hpp"
#include "gateway/store/sql/upkeep.hpp"
#include "gateway/store/store.hpp"

namespace tributary::store {

using AcceptDone = std::move_only_function<void(Result<Accepted>)>;

struct WriterLimits {
    std::size_t batch = 1024;
    std::size_t queue = 100'000;
};

class Writer {
  public:
    // Starts the thread. Clock and log outlive it.
    Writer(std::unique_ptr<Connection> connection, std::unique_ptr<Upkeep> upkeep, DeadLetterLimits letters,
           WriterLimits limits, const Clock& clock, Log& log);
    ~Writer();

    void submit(Store::Write write, Store::Done done);
    void submit(InboxEntry entry, AcceptDone done);
    // Tidies up once between two commits, as far as readers allow.
    void settle_log(Store::Done done);
    void begin_bulk() { ++bulk_; }
    void end_bulk() { --bulk_; }
    // The store is broken for good. May be called from any thread.
    void poison(const Error& cause);
    // Nothing, or why the store is broken.
    std::optional<Error> poisoned() const;
    void health(StoreHealth& into) const;
    // The engine cannot be reached, and who is in front of the queue asks for it.
    bool knocking() const { return waiting_ > 0 && connection_->away(); }
    // Finishes what is queued and ends the thread.
    void stop();

  private:
    struct WriteJob {
        Store::Write write;
        Store::Done done;
        Result<void> outcome;
    };
    struct AcceptJob {
        InboxEntry entry;
        AcceptDone done;
        Result<Accepted> outcome;
    };
    struct Job {
        std::variant<WriteJob, AcceptJob> work;
        SteadyTime queued;
    };

    void enqueue(Job job);
    static bool is_accept(const Job& job);
    static void answer(Job& job);
    static void fail_job(Job& job, const Error& error);
    void run();
    bool take(std::vector<Job>& into);
    void commit(std::span<Job> jobs);
    void commit_alone(std::span<Job> jobs);
    Result<void> apply(std::span<Job> jobs);
    Result<void> apply_accepts(std::span<Job> jobs);
    Result<void> apply_alone(WriteJob& job);
    Result<void> apply_marked(WriteJob& job);
    Result<void> finish();
    Result<void> run_write(WriteJob& job);
    bool unusable() const;
    void keep_up(Result<void> done);

    std::unique_ptr<Connection> connection_;
    SqlSession session_;
    std::unique_ptr<Upkeep> upkeep_;
    const WriterLimits limits_;
    const Clock& clock_;
    Log& log_;
    std::atomic<int> bulk_ = 0;
    std::atomic<std::uint64_t> waiting_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Job> queue_;
    std::vector<Store::Done> settles_;  // who waits for settle_log()
    bool asleep_ = false;
    bool stopping_ = false;
    std::optional<Error> poison_;
    bool disk_full_ = false;
    CommitTimes times_;
    SteadyTime reached_{};  // when the engine was reached anew; used on the thread
    std::uint64_t commits_ = 0, writes_ = 0;

    std::thread thread_;
};

}  // namespace tributary::store
